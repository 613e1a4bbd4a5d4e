import { toMessage, type Envelope } from '../messaging/envelope.ts'
import type { OutgoingMessage } from '../messaging/port.ts'
import type { Queryable, Transaction } from '../postgres/database.ts'
import { storable, storableRecord } from './storable.ts'

/** Something to publish once the transaction has committed; an envelope's key is its subject. */
export type OutboxEntry = { readonly topic: string } & (
  { readonly envelope: Envelope } | { readonly message: OutgoingMessage }
)

/** A row that waits to be published. */
export interface OutboxRow extends OutgoingMessage {
  readonly id: string
  readonly topic: string
}

/** Keys are spread over this many partitions, each published by one relay at a time. */
export const outboxPartitions = 16

const append = `
  INSERT INTO delivery.outbox (id, partition, topic, key, payload, properties, event_time)
  SELECT nextval('delivery.outbox_id'), hashtextextended(r.key, 0) & ${outboxPartitions - 1},
    r.topic, r.key, decode(r.payload, 'base64'), r.properties, r.event_time
  FROM (
    SELECT * FROM json_to_recordset($1::json) AS g(
      position int, topic text, key text, payload text, properties json, event_time timestamptz)
    ORDER BY position
  ) r`

/**
 * Adds to the outbox, in one statement, to be published after COMMIT, at least once, per key in the
 * order given. Call it while you hold the lock that orders the key (its aggregate's row, its lane):
 * the ids drawn here are the order, and only that lock makes them follow the order of commits.
 */
export async function appendOutbox(
  transaction: Transaction,
  entries: readonly OutboxEntry[],
): Promise<void> {
  if (entries.length > 0) await transaction.query(append, [entries.map(toRow)])
}

const toRow = (entry: OutboxEntry, position: number) => {
  const message = 'envelope' in entry ? toMessage(entry.envelope) : entry.message
  return {
    position,
    topic: entry.topic,
    key: storable(message.key),
    payload: Buffer.from(message.payload).toString('base64'),
    properties: storableRecord(message.properties),
    event_time: message.eventTime,
  }
}

const advance = `
  SELECT id, topic, key, payload, properties, event_time
  FROM delivery.advance($1::bigint[], $2::smallint[], $3::integer)`

interface StoredRow {
  readonly id: string
  readonly topic: string
  readonly key: string
  readonly payload: Uint8Array
  readonly properties: Readonly<Record<string, string>>
  readonly event_time: Date | null
}

/** Deletes the rows that were published and answers the next visible ones of the partitions, in id order. */
export async function advanceOutbox(
  on: Queryable,
  published: readonly string[],
  partitions: readonly number[],
  limit: number,
): Promise<OutboxRow[]> {
  const rows = await on.query<StoredRow>(advance, [published, partitions, limit])
  return rows.map(({ event_time, ...row }) =>
    event_time ? { ...row, eventTime: event_time } : row,
  )
}

/** Keeps a row that the broker will never take out of the way, with the reason. */
export const refuseRow = async (on: Queryable, id: string, reason: string): Promise<void> => {
  await on.query('UPDATE delivery.outbox SET refused = $2 WHERE id = $1::bigint', [
    id,
    storable(reason),
  ])
}

const countedAtMost = 100_000

/** Rows that wait to be published; more than 100,000 are not counted. */
export const outboxDepth = async (on: Queryable): Promise<number> => {
  const [row] = await on.query<{ depth: number }>(
    `SELECT count(*)::int AS depth FROM (
       SELECT FROM delivery.outbox WHERE refused IS NULL LIMIT ${countedAtMost}) waiting`,
  )
  return row?.depth ?? 0
}
