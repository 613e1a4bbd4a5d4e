import type { Transaction } from '../postgres/database.ts'
import type { Arrival, Fault } from './arrival.ts'
import { storable, storableRecord } from './storable.ts'

/** One message on its way into a lane. */
export interface LaneEntry {
  readonly arrival: Arrival
  readonly attempts: number
  /** What went wrong; absent for a message that only waits behind. */
  readonly fault?: Fault
  /** True makes it a dead letter. */
  readonly dead?: boolean
}

const append = `
  WITH numbered AS (
    SELECT g.*, l.last_position + row_number() OVER (PARTITION BY g.key ORDER BY g.place) AS position
    FROM json_to_recordset($2::json) AS g(
      place int, key text, message_id text, topic text, partition int, broker_id text,
      broker_key text, payload text, properties json, publish_time timestamptz,
      event_time timestamptz, attempts int, slug text, error text, dead boolean)
    JOIN delivery.lane l ON l.subscription = $1 AND l.key = g.key
  ), moved AS (
    UPDATE delivery.lane l SET last_position = n.last
    FROM (SELECT key, max(position) AS last FROM numbered GROUP BY key) n
    WHERE l.subscription = $1 AND l.key = n.key
  )
  INSERT INTO delivery.lane_message (subscription, key, position, message_id, topic, partition,
    broker_id, broker_key, payload, properties, publish_time, event_time, attempts, slug, error,
    dead_at)
  SELECT $1, key, position, message_id, topic, partition, broker_id, broker_key,
    decode(payload, 'base64'), properties, publish_time, event_time, attempts, slug, error,
    CASE WHEN dead THEN now() END
  FROM numbered
  ON CONFLICT (subscription, message_id) DO NOTHING`

/** Queues messages at the end of their lanes, in the order given. The caller holds the lanes' locks. */
export const appendToLanes = async (
  transaction: Transaction,
  subscription: string,
  entries: readonly LaneEntry[],
): Promise<void> => {
  await transaction.query(append, [subscription, entries.map(toRow)])
}

const toRow = ({ arrival, attempts, fault, dead }: LaneEntry, place: number) => ({
  place,
  key: arrival.key,
  message_id: arrival.id,
  topic: arrival.message.topic,
  partition: arrival.message.partition,
  broker_id: arrival.message.id,
  broker_key: storable(arrival.message.key),
  payload: Buffer.from(arrival.message.payload).toString('base64'),
  properties: storableRecord(arrival.message.properties),
  publish_time: arrival.message.publishTime,
  event_time: arrival.message.eventTime,
  attempts,
  slug: fault?.slug,
  error: fault && storable(fault.detail),
  dead: dead ?? false,
})

export type LaneState = 'retrying' | 'closed'

/** Which lane. */
export interface Lane {
  readonly subscription: string
  readonly key: string
}

/** Opens a lane and locks it; one that exists already is only locked. */
export const openLane = async (
  transaction: Transaction,
  lane: Lane,
  state: LaneState,
  retryInMs: number,
): Promise<void> => {
  await transaction.query(
    `INSERT INTO delivery.lane (subscription, key, state, next_attempt_at)
     VALUES ($1, $2, $3, now() + $4::interval)
     ON CONFLICT (subscription, key) DO UPDATE SET state = delivery.lane.state`,
    [lane.subscription, lane.key, state, `${retryInMs} milliseconds`],
  )
}
