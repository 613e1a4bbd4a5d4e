import type { ReceivedMessage } from '../messaging/port.ts'
import type { Queryable, Transaction } from '../postgres/database.ts'
import type { Fault } from './arrival.ts'
import type { Lane, LaneState } from './lane-store.ts'
import { storable } from './storable.ts'

/** A message as its lane keeps it. */
export interface LaneMessage {
  readonly key: string
  readonly position: string
  readonly messageId: string
  readonly message: ReceivedMessage
  readonly attempts: number
  /** How often its lane was redriven since it was parked. */
  readonly epoch: number
}

interface StoredMessage {
  readonly key: string
  readonly position: string
  readonly message_id: string
  readonly topic: string
  readonly partition: number
  readonly broker_id: string
  readonly broker_key: string
  readonly payload: Uint8Array
  readonly properties: Readonly<Record<string, string>>
  readonly publish_time: Date
  readonly event_time: Date | null
  readonly attempts: number
  readonly epoch: number | null
}

/** The first messages of a lane, in order. */
export const laneMessages = async (
  on: Queryable,
  lane: Lane,
  limit: number,
): Promise<readonly LaneMessage[]> => {
  const rows = await on.query<StoredMessage>(
    `SELECT m.*, i.epoch FROM delivery.lane_message m
     LEFT JOIN delivery.inbox i USING (subscription, message_id)
     WHERE m.subscription = $1 AND m.key = $2 ORDER BY m.position LIMIT $3::int`,
    [lane.subscription, lane.key, limit],
  )
  return rows.map(fromRow)
}

const fromRow = (row: StoredMessage): LaneMessage => ({
  key: row.key,
  position: row.position,
  messageId: row.message_id,
  attempts: row.attempts,
  epoch: row.epoch ?? 0,
  message: {
    id: row.broker_id,
    topic: row.topic,
    partition: row.partition,
    key: row.broker_key,
    payload: row.payload,
    properties: row.properties,
    publishTime: row.publish_time,
    redeliveryCount: 0,
    ...(row.event_time ? { eventTime: row.event_time } : {}),
  },
})

/** Locks a lane and answers its state; undefined when there is none. */
export const lockLane = async (
  transaction: Transaction,
  lane: Lane,
): Promise<LaneState | undefined> => {
  const [row] = await transaction.query<{ state: LaneState }>(
    'SELECT state FROM delivery.lane WHERE subscription = $1 AND key = $2 FOR UPDATE',
    [lane.subscription, lane.key],
  )
  return row?.state
}

/** Takes messages out of a lane that the caller has locked; the last one takes the lane with it. */
export const removeFromLane = async (
  transaction: Transaction,
  lane: Lane,
  positions: readonly string[],
): Promise<void> => {
  await transaction.query(
    `DELETE FROM delivery.lane_message
     WHERE subscription = $1 AND key = $2 AND position = ANY ($3::bigint[])`,
    [lane.subscription, lane.key, positions],
  )
  await transaction.query(
    `DELETE FROM delivery.lane l WHERE subscription = $1 AND key = $2 AND NOT EXISTS (
       SELECT FROM delivery.lane_message m WHERE m.subscription = $1 AND m.key = $2)`,
    [lane.subscription, lane.key],
  )
}

/** Closes a lane that the caller has locked behind its head, which becomes a dead letter. */
export const closeLane = async (
  transaction: Transaction,
  lane: Lane,
  position: string,
  fault: Fault,
): Promise<void> => {
  await transaction.query(
    `WITH dead AS (
       UPDATE delivery.lane_message SET dead_at = now(), slug = $4, error = $5
       WHERE subscription = $1 AND key = $2 AND position = $3::bigint
     )
     UPDATE delivery.lane SET state = 'closed' WHERE subscription = $1 AND key = $2`,
    [lane.subscription, lane.key, position, fault.slug, storable(fault.detail)],
  )
}
