import type { Envelope } from '../shared/messaging/envelope.ts'
import type { Queryable, Transaction } from '../shared/postgres/database.ts'
import { rowSet } from '../shared/postgres/row-set.ts'
import type { RecordedEvent } from './dispatch.ts'

/** An event with the command that caused it. */
export interface CausedEvent {
  readonly event: RecordedEvent
  readonly command: Envelope
}

/** One entry of the event log, as it was written. */
export interface LoggedEvent {
  readonly stream_module: string
  readonly stream_id: string
  readonly version: number
  readonly id: string
  readonly type: string
  readonly data: object
  readonly time: Date
  readonly correlation_id: string
  readonly causation_id: string
  readonly command_id: string
  readonly traceparent: string | null
}

const logged = rowSet({
  stream_module: 'text',
  stream_id: 'text',
  version: 'integer',
  id: 'uuid',
  type: 'text',
  data: 'json',
  time: 'timestamptz',
  correlation_id: 'text',
  causation_id: 'text',
  command_id: 'text',
  traceparent: 'text',
})
const { columns } = logged

const append = `INSERT INTO uow.event (${columns}) SELECT ${columns} FROM ${logged.from('e')}`

/**
 * Adds events to their streams, in one statement. A version that is there already fails the
 * transaction: no two events of one stream can claim the same place.
 */
export const appendEvents = async (
  transaction: Transaction,
  events: readonly CausedEvent[],
  now: Date,
): Promise<void> => {
  if (events.length > 0)
    await transaction.query(append, logged.parameters(events.map((caused) => toRow(caused, now))))
}

const toRow = ({ event, command }: CausedEvent, now: Date): LoggedEvent => ({
  stream_module: event.module,
  stream_id: event.subject,
  version: event.version,
  id: event.id,
  type: event.type,
  data: event.data,
  time: now,
  correlation_id: command.correlationId,
  causation_id: causeOf(command),
  command_id: command.id,
  traceparent: command.traceparent ?? null,
})

const read = `
  SELECT ${columns} FROM uow.event
  WHERE stream_module = $1 AND stream_id = $2 AND version > $3::integer
  ORDER BY version LIMIT $4::integer`

/** The events of one aggregate after a version, in order; at most `limit` (1000), so call again from the last. */
export const readStream = (
  on: Queryable,
  module: string,
  id: string,
  { after = 0, limit = 1000 }: { readonly after?: number; readonly limit?: number } = {},
): Promise<LoggedEvent[]> => on.query<LoggedEvent>(read, [module, id, after, limit])

/**
 * The event that a command answers, or the command of a caller, who answers nobody: so events link to
 * events, and commands need not be kept to tell how one thing led to another.
 */
const causeOf = ({ id, causationId }: Envelope) => causationId ?? id

/** The event as others get to see it: in the correlation and trace of its command, with what led to it. */
export const toEnvelope = ({ event, command }: CausedEvent, now: Date): Envelope => ({
  id: event.id,
  type: event.type,
  source: `/aeroalpes/${event.module}`,
  time: now.toISOString(),
  subject: event.subject,
  data: event.data,
  correlationId: command.correlationId,
  causationId: causeOf(command),
  sequence: event.version,
  ...tracing(command),
})

/** The trace that a command belongs to, for what it causes. */
export const tracing = ({
  traceparent,
  tracestate,
}: Envelope): Pick<Envelope, 'traceparent' | 'tracestate'> => ({
  ...(traceparent === undefined ? {} : { traceparent }),
  ...(tracestate === undefined ? {} : { tracestate }),
})
