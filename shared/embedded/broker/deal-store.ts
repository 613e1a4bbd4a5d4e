import type { ReceivedMessage } from '../../messaging/port.ts'
import type { BrokerCore } from './core.ts'
import type { Subscribed } from './lease-keeper.ts'
import type { StoredMessage } from './partition-queue.ts'
import { ask } from './statements.ts'

export interface Dealt {
  readonly messages: readonly ReceivedMessage[]
  /** More could have been dealt with more room, or to others. */
  readonly more: boolean
  readonly dueMs: number | null
}

/** The rows of deliveries, as one consumer uses them. */
export interface DealStore {
  take(one: Subscribed, living: readonly number[], room: number): Promise<Dealt>
  acknowledge(ids: readonly string[]): Promise<void>
  /** Makes messages due again after `delayMs`. */
  giveBack(ids: readonly string[], delayMs: number): Promise<void>
  /** Deals again whatever the tables say this consumer has, but for what it does have. */
  reclaim(held: readonly string[]): Promise<void>
}

export const dealStore = (
  { database }: Pick<BrokerCore, 'database'>,
  consumerId: number,
  keyed: boolean,
): DealStore => {
  const places = (ids: readonly string[]) => {
    const split = ids.map((id) => id.split(':').map(Number))
    return [split.map(([partition]) => partition ?? 0), split.map(([, seq]) => seq ?? 0)] as const
  }
  return {
    async take({ topic, subscriptionId }, living, room) {
      const rows = await ask<Row>(database, take, [subscriptionId, consumerId, living, room, keyed])
      const state = rows.pop()
      const messages = rows.map((row) => received(row, topic.name, topic.partitionIds))
      return { messages, more: state?.more ?? false, dueMs: state?.due_ms ?? null }
    },
    async acknowledge(ids) {
      await ask(database, remove, [consumerId, ...places(ids)])
    },
    async giveBack(ids, delayMs) {
      await ask(database, rest, [consumerId, ...places(ids), delayMs, keyed])
    },
    async reclaim(held) {
      await ask(database, reclaim, [consumerId, ...places(held)])
    },
  }
}

interface Row extends StoredMessage {
  readonly partition_id: number
  readonly redeliveries: number
  readonly more: boolean | null
  readonly due_ms: number | null
}

const received = (row: Row, topic: string, partitionIds: readonly number[]): ReceivedMessage => ({
  id: `${row.partition_id}:${row.seq}`,
  topic,
  partition: partitionIds.indexOf(row.partition_id),
  key: row.key,
  payload: row.payload,
  properties: row.properties,
  publishTime: row.publish_time,
  ...(row.event_time ? { eventTime: row.event_time } : {}),
  redeliveryCount: row.redeliveries,
})

const take = 'SELECT * FROM broker.take($1, $2, $3, $4, $5)'

const those = `d.consumer_id = $1::bigint
  AND d.partition_id = v.partition_id AND d.seq = v.seq`
const places = 'unnest($2::int[], $3::bigint[]) AS v(partition_id, seq)'

const remove = `DELETE FROM broker.delivery d USING ${places} WHERE ${those}`

// A key stays with its consumer; without keys anybody may have the message next.
const rest = `
  UPDATE broker.delivery d SET fetched = false, redeliveries = d.redeliveries + 1,
    due_at = clock_timestamp() + $4::int * interval '1 ms',
    consumer_id = CASE WHEN $5::boolean THEN d.consumer_id END
  FROM ${places} WHERE ${those}`

const reclaim = `
  UPDATE broker.delivery d SET fetched = false WHERE d.consumer_id = $1::bigint AND d.fetched
    AND NOT EXISTS (SELECT 1 FROM ${places} WHERE ${those})`
