import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import type { LoggedEvent } from '../../uow/event-log.ts'

/** Everything in an event log as the topics carry it; each aggregate's events in their order. */
export const loggedEnvelopes = async (
  writeSide: Queryable,
  modules: readonly string[],
): Promise<readonly Envelope[]> => {
  const log = await writeSide.query<LoggedEvent>(
    `SELECT * FROM uow.event WHERE stream_module = ANY($1::text[])
     ORDER BY time, stream_module, stream_id, version`,
    [modules],
  )
  return log.map((event) => ({
    id: event.id,
    type: event.type,
    source: `/aeroalpes/${event.stream_module}`,
    time: event.time.toISOString(),
    subject: event.stream_id,
    sequence: event.version,
    correlationId: event.correlation_id,
    causationId: event.causation_id,
    data: event.data,
  }))
}
