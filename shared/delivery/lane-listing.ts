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

/** The lanes of one subscription, or of all, the oldest first. */
export const listLanes = (
  on: Queryable,
  { subscription, limit = 100 }: { readonly subscription?: string; readonly limit?: number } = {},
): Promise<ListedLane[]> =>
  on.query<ListedLane>(
    `SELECT l.subscription, l.key, l.state, l.opened_at AS "openedAt",
       l.next_attempt_at AS "nextAttemptAt", h.message_id AS "headId", h.slug, h.error,
       (SELECT count(*)::int FROM delivery.lane_message m
        WHERE m.subscription = l.subscription AND m.key = l.key) AS messages
     FROM delivery.lane l
     CROSS JOIN LATERAL (
       SELECT message_id, slug, error FROM delivery.lane_message m
       WHERE m.subscription = l.subscription AND m.key = l.key ORDER BY m.position LIMIT 1
     ) h
     WHERE $1::text IS NULL OR l.subscription = $1 ORDER BY l.opened_at, l.key LIMIT $2::int`,
    [subscription ?? null, limit],
  )

/** A given-up message, with everything needed to judge, repair and redrive it. */
export interface DeadLetter {
  readonly subscription: string
  readonly key: string
  readonly messageId: string
  readonly topic: string
  readonly brokerId: string
  readonly properties: Readonly<Record<string, string>>
  readonly payload: Uint8Array
  readonly publishTime: Date
  readonly attempts: number
  readonly slug: string
  readonly error: string
  readonly deadAt: Date
  /** Messages of its key that wait for it. */
  readonly waiting: number
}

/** The dead letters of one subscription, or of all, or the one of that id; the oldest first. */
export const listDeadLetters = (
  on: Queryable,
  filter: {
    readonly subscription?: string
    readonly messageId?: string
    readonly limit?: number
  } = {},
): Promise<DeadLetter[]> =>
  on.query<DeadLetter>(
    `SELECT m.subscription, m.key, m.message_id AS "messageId", m.topic, m.broker_id AS "brokerId",
       m.properties, m.payload, m.publish_time AS "publishTime", m.attempts, m.slug, m.error,
       m.dead_at AS "deadAt",
       (SELECT count(*)::int - 1 FROM delivery.lane_message w
        WHERE w.subscription = m.subscription AND w.key = m.key) AS waiting
     FROM delivery.lane_message m
     WHERE m.dead_at IS NOT NULL AND ($1::text IS NULL OR m.subscription = $1)
       AND ($2::text IS NULL OR m.message_id = $2)
     ORDER BY m.dead_at, m.message_id LIMIT $3::int`,
    [filter.subscription ?? null, filter.messageId ?? null, filter.limit ?? 100],
  )
