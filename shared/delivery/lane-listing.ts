import type { Queryable } from '../postgres/database.ts'
import type { LaneState } from './lane-store.ts'

/** A parked key, as operators see it. */
export interface ListedLane {
  readonly subscription: string
  readonly key: string
  readonly state: LaneState
  readonly messages: number
  readonly openedAt: Date
  readonly nextAttemptAt: Date
  readonly headId: string
  readonly slug: string | null
  readonly error: string | null
}

// A lane may be long. Its head is found by the primary key, whatever waits behind it.
const heads = `
  delivery.lane l CROSS JOIN LATERAL (
    SELECT * FROM delivery.lane_message m
    WHERE m.subscription = l.subscription AND m.key = l.key ORDER BY m.position LIMIT 1
  ) h`

const messages = `(SELECT count(*)::int FROM delivery.lane_message m
  WHERE m.subscription = l.subscription AND m.key = l.key)`

export interface LaneFilter {
  readonly subscription?: string | undefined
  readonly key?: string | undefined
  readonly limit?: number
}

/** The lanes of one subscription, or key, or of all, the oldest first. */
export const listLanes = (
  on: Queryable,
  { subscription, key, limit = 100 }: LaneFilter = {},
): Promise<ListedLane[]> =>
  on.query<ListedLane>(
    `SELECT l.subscription, l.key, l.state, l.opened_at AS "openedAt",
       l.next_attempt_at AS "nextAttemptAt", h.message_id AS "headId", h.slug, h.error,
       ${messages} AS messages
     FROM ${heads}
     WHERE ($1::text IS NULL OR l.subscription = $1) AND ($2::text IS NULL OR l.key = $2)
     ORDER BY l.opened_at, l.key LIMIT $3::int`,
    [subscription ?? null, key ?? null, limit],
  )

/** A given-up message, without what it holds. */
export interface ListedDeadLetter {
  readonly subscription: string
  readonly key: string
  readonly messageId: string
  readonly topic: string
  readonly brokerId: string
  readonly properties: Readonly<Record<string, string>>
  readonly publishTime: Date
  readonly attempts: number
  /** How often it was redriven. */
  readonly redrives: number
  readonly slug: string
  readonly error: string
  readonly deadAt: Date
  /** Messages of its key that wait for it. */
  readonly waiting: number
}

/** A given-up message, with everything needed to judge, repair and redrive it. */
export interface DeadLetter extends ListedDeadLetter {
  readonly payload: Uint8Array
}

export interface DeadLetterFilter {
  readonly subscription?: string | undefined
  readonly messageId?: string | undefined
  readonly limit?: number
}

/** The dead letters of one subscription, or of all, or the one of that id; the oldest first. */
export const listDeadLetters = (
  on: Queryable,
  filter: DeadLetterFilter = {},
): Promise<ListedDeadLetter[]> => on.query<ListedDeadLetter>(select(''), parametersOf(filter))

/** The dead letters of an id, one for each subscription that has given it up, as a whole. */
export const findDeadLetters = (
  on: Queryable,
  filter: DeadLetterFilter & { readonly messageId: string },
): Promise<DeadLetter[]> => on.query<DeadLetter>(select(', h.payload'), parametersOf(filter))

// A dead letter is the head of its lane, always.
const select = (more: string) => `
  SELECT h.subscription, h.key, h.message_id AS "messageId", h.topic, h.broker_id AS "brokerId",
    h.properties, h.publish_time AS "publishTime", h.attempts, h.slug, h.error,
    h.dead_at AS "deadAt", ${messages} - 1 AS waiting,
    coalesce((SELECT i.epoch FROM delivery.inbox i WHERE i.subscription = h.subscription
      AND i.message_id = h.message_id), 0) AS redrives ${more}
  FROM ${heads}
  WHERE h.dead_at IS NOT NULL AND ($1::text IS NULL OR l.subscription = $1)
    AND ($2::text IS NULL OR h.message_id = $2)
  ORDER BY h.dead_at, h.message_id LIMIT $3::int`

const parametersOf = ({ subscription, messageId, limit = 100 }: DeadLetterFilter) => [
  subscription ?? null,
  messageId ?? null,
  limit,
]

/** The subscriptions in whose lanes a message waits, given up or not. */
export const parkedAt = async (on: Queryable, messageId: string): Promise<string[]> => {
  const rows = await on.query<{ subscription: string }>(
    `SELECT s.subscription FROM (SELECT DISTINCT subscription FROM delivery.lane) s
     JOIN delivery.lane_message m ON m.subscription = s.subscription AND m.message_id = $1
     ORDER BY 1`,
    [messageId],
  )
  return rows.map(({ subscription }) => subscription)
}
