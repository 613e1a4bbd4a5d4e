import { appendOutbox } from '../shared/delivery/outbox.ts'
import { derivedId } from '../shared/kernel/ids.ts'
import type { Envelope } from '../shared/messaging/envelope.ts'
import type { Queryable, Transaction } from '../shared/postgres/database.ts'
import { rowSet } from '../shared/postgres/row-set.ts'

/** A message that is to be sent later. */
export interface NewTimer {
  /** One that is set again under its id fires again, at its new time. */
  readonly id: string
  readonly name: string
  /** From the beginning of the transaction on, by the database's clock. */
  readonly afterMs: number
  readonly topic: string
  /** Sent under an id of the timer's own, with the time at which it fires. */
  readonly message: Pick<
    Envelope,
    'type' | 'subject' | 'data' | 'correlationId' | 'causationId' | 'traceparent'
  >
}

const given = rowSet({
  id: 'uuid',
  name: 'text',
  after_ms: 'double precision',
  topic: 'text',
  type: 'text',
  key: 'text',
  data: 'json',
  correlation_id: 'text',
  causation_id: 'text',
  traceparent: 'text',
})

const set = `
  INSERT INTO uow.timer (id, state, due_at, name, topic, type, key, data, correlation_id,
    causation_id, traceparent)
  SELECT id, 'set', now() + after_ms * interval '1 millisecond', name, topic, type, key, data,
    correlation_id, causation_id, traceparent
  FROM ${given.from('t')}
  ORDER BY id
  ON CONFLICT (id) DO UPDATE SET state = 'set', due_at = EXCLUDED.due_at, set_at = now(),
    ended_at = NULL, data = EXCLUDED.data,
    correlation_id = EXCLUDED.correlation_id, causation_id = EXCLUDED.causation_id,
    traceparent = EXCLUDED.traceparent`

/** Sets timers in one statement. They exist when the transaction commits, and not before. */
export const setTimers = async (
  transaction: Transaction,
  timers: readonly NewTimer[],
): Promise<void> => {
  if (timers.length > 0) await transaction.query(set, given.parameters(timers.map(toRow)))
}

const toRow = ({ id, name, afterMs, topic, message }: NewTimer) => ({
  id,
  name,
  after_ms: afterMs,
  topic,
  type: message.type,
  key: message.subject,
  data: message.data,
  correlation_id: message.correlationId,
  causation_id: message.causationId ?? message.correlationId,
  traceparent: message.traceparent ?? null,
})

const withdraw = `
  DELETE FROM uow.timer WHERE id = ANY($1::uuid[]) AND state = 'set' RETURNING id`

/**
 * Deletes those that have not fired yet: nobody needs them any more, and most timers end so. Answers
 * which. Waits for one that is firing.
 */
export const withdrawTimers = async (
  transaction: Queryable,
  ids: readonly string[],
): Promise<readonly string[]> => {
  if (ids.length === 0) return []
  return (await transaction.query<{ id: string }>(withdraw, [ids])).map(({ id }) => id)
}

const cancel = `
  UPDATE uow.timer SET state = 'cancelled', ended_at = now()
  WHERE id = $1::uuid AND state = 'set' RETURNING id`

/** Lets one never fire, and be seen as cancelled; false when it is not set any more. */
export const cancelTimer = async (on: Queryable, id: string): Promise<boolean> =>
  (await on.query(cancel, [id])).length > 0

const move = `
  UPDATE uow.timer SET due_at = $2::timestamptz WHERE id = $1::uuid AND state = 'set' RETURNING id`

/** Moves one to another time; false when it is not set any more. */
export const moveTimer = async (on: Queryable, id: string, dueAt: Date): Promise<boolean> =>
  (await on.query(move, [id, dueAt])).length > 0

interface FiredRow {
  readonly id: string
  /** As text: a `Date` would round it to milliseconds. */
  readonly set_at: string
  readonly topic: string
  readonly type: string
  readonly key: string
  readonly data: object
  readonly correlation_id: string
  readonly causation_id: string
  readonly traceparent: string | null
  readonly now: Date
}

const fired = `
  UPDATE uow.timer t SET state = 'fired', ended_at = now() FROM due WHERE t.id = due.id
  RETURNING t.id, t.set_at::text, t.topic, t.type, t.key, t.data, t.correlation_id, t.causation_id,
    t.traceparent, now() AS now`

const isOf = (row: string) => `($2::text IS NULL OR ${row}.data->>'saga' = $2)`

// Of each key only its first: while that is held by somebody else, the ones after it are not due.
const fireDue = `
  WITH due AS (
    SELECT id FROM uow.timer t
    WHERE state = 'set' AND due_at <= now() AND ${isOf('t')} AND NOT EXISTS (
      SELECT FROM uow.timer before
      WHERE before.key = t.key AND before.state = 'set' AND ${isOf('before')}
        AND (before.due_at, before.id) < (t.due_at, t.id))
    ORDER BY due_at, id LIMIT $1::integer FOR UPDATE SKIP LOCKED
  ) ${fired}`

const fireOne = `
  WITH due AS (SELECT id FROM uow.timer WHERE id = $1::uuid AND state = 'set' FOR UPDATE) ${fired}`

interface Due {
  /** Default 100. */
  readonly atMost?: number
  /** Only those of this saga or reactor. Default: all. */
  readonly saga?: string | undefined
}

/**
 * Sends the messages of timers that are due by the database's clock, the first of each key: call it
 * until it answers 0. Each setting fires once, whoever else does the same, under one message id.
 */
export const fireDueTimers = async (
  transaction: Transaction,
  { atMost = 100, saga }: Due = {},
): Promise<number> =>
  send(transaction, await transaction.query<FiredRow>(fireDue, [atMost, saga ?? null]))

/** Sends one now, before its time; false when it is not set any more. */
export const fireTimer = async (transaction: Transaction, id: string): Promise<boolean> =>
  (await send(transaction, await transaction.query<FiredRow>(fireOne, [id]))) > 0

// The timer's row is locked, and only the first of a saga's key fires: that orders its outbox rows.
const send = async (transaction: Transaction, rows: readonly FiredRow[]): Promise<number> => {
  await appendOutbox(
    transaction,
    rows.map((row) => ({ topic: row.topic, envelope: toEnvelope(row) })),
  )
  return rows.length
}

const toEnvelope = (row: FiredRow): Envelope => ({
  // Another one each time it is set: a row that was withdrawn meanwhile remembers no count.
  id: derivedId('timer', row.id, row.set_at),
  type: row.type,
  source: '/aeroalpes/timers',
  time: row.now.toISOString(),
  subject: row.key,
  data: row.data,
  correlationId: row.correlation_id,
  causationId: row.causation_id,
  ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
})

const purge = `
  WITH gone AS (DELETE FROM uow.timer WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM uow.timer
    WHERE state <> 'set' AND ended_at < now() - $1::integer * interval '1 day'
    ORDER BY ended_at LIMIT $2::integer)) RETURNING 1)
  SELECT count(*)::integer AS n FROM gone`

/** Deletes timers that ended so many days ago, at most `limit` at once; true when there may be more. */
export const purgeTimers = async (on: Queryable, days = 30, limit = 5000): Promise<boolean> => {
  const [row] = await on.query<{ n: number }>(purge, [days, limit])
  return row?.n === limit
}
