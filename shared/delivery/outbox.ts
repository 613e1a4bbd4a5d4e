import { murmur3 } from '../kernel/murmur3.ts'
import { toMessage, type Envelope } from '../messaging/envelope.ts'
import type { OutgoingMessage } from '../messaging/port.ts'
import type { Queryable, Transaction } from '../postgres/database.ts'
import { rowSet } from '../postgres/row-set.ts'
import { storable, storableRecord } from './storable.ts'

/** Something to publish once the transaction has committed; an envelope's key is its subject. */
export type OutboxEntry = { readonly topic: string } & (
  { readonly envelope: Envelope } | { readonly message: OutgoingMessage }
)

/** A row that waits to be published. */
export interface OutboxRow extends OutgoingMessage {
  readonly id: string
  readonly topic: string
  /** The share it belongs to. */
  readonly share: number
}

/**
 * The outbox is published in this many shares, each by one relay at a time. A key belongs to the share
 * `partition % outboxShares`, where the partition is the one that brokers choose for it: what goes to
 * one partition of a topic comes from one share.
 */
export const outboxShares = 16

const given = rowSet({
  position: 'integer',
  hash: 'integer',
  topic: 'text',
  key: 'text',
  payload: 'text',
  properties: 'json',
  event_time: 'timestamptz',
})

const append = `
  INSERT INTO delivery.outbox (id, hash, topic, key, payload, properties, event_time)
  SELECT nextval('delivery.outbox_id'), r.hash, r.topic, r.key, decode(r.payload, 'base64'),
    r.properties, r.event_time
  FROM (SELECT * FROM ${given.from('g')} ORDER BY position) r`

/**
 * Adds to the outbox, in one statement, to be published after COMMIT, at least once, per key in the
 * order given. Call it while you hold the lock that orders the key (its aggregate's row, its lane):
 * the ids drawn here are the order, and only that lock makes them follow the order of commits.
 */
export async function appendOutbox(
  transaction: Transaction,
  entries: readonly OutboxEntry[],
): Promise<void> {
  if (entries.length > 0) await transaction.query(append, given.parameters(entries.map(toRow)))
}

const toRow = (entry: OutboxEntry, position: number) => {
  const message = 'envelope' in entry ? toMessage(entry.envelope) : entry.message
  const key = storable(message.key)
  return {
    position,
    // Of the partition that a broker will choose, whatever the number of partitions is by then.
    hash: murmur3(key) & 0x7fffffff,
    topic: entry.topic,
    key,
    payload: Buffer.from(message.payload).toString('base64'),
    properties: storableRecord(message.properties),
    event_time: message.eventTime,
  }
}

const advance = `
  SELECT id, share, topic, key, payload, properties, event_time
  FROM delivery.advance($1::bigint[], $2::smallint[], $3::integer, $4::text[], $5::integer)`

interface StoredRow {
  readonly id: string
  readonly share: number
  readonly topic: string
  readonly key: string
  readonly payload: Uint8Array
  readonly properties: Readonly<Record<string, string>>
  readonly event_time: Date | null
}

/** What a relay wants to publish next. */
export interface Wanted {
  readonly shares: readonly number[]
  /** How many partitions the topics have. All relays must go by the same number. */
  readonly spread: number
  /** What is passed over, see `restingName`. */
  readonly resting: readonly string[]
  readonly atMost: number
}

/** Names the rows of one share for one topic. */
export const restingName = ({ share, topic }: Pick<OutboxRow, 'share' | 'topic'>): string =>
  `${share} ${topic}`

/** Deletes the rows that were published and answers the next visible ones that are wanted, in id order. */
export async function advanceOutbox(
  on: Queryable,
  published: readonly string[],
  { shares, spread, resting, atMost }: Wanted,
): Promise<OutboxRow[]> {
  const rows = await on.query<StoredRow>(advance, [published, shares, spread, resting, atMost])
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
