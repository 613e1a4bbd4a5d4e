import type { Database, Queryable, Transaction } from '../postgres/database.ts'
import type { Lane } from './lane-store.ts'

// How long a claimed lane is left to the process that claimed it, should that end meanwhile.
const claim = '10 seconds'

/** The key of a lane whose time has come, from now on this process's to drain. */
export const claimDueLane = async (
  on: Queryable,
  subscription: string,
): Promise<string | undefined> => {
  const [row] = await on.query<{ key: string }>(
    `UPDATE delivery.lane SET next_attempt_at = now() + '${claim}'
     WHERE subscription = $1 AND key = (
       SELECT key FROM delivery.lane
       WHERE subscription = $1 AND state = 'retrying' AND next_attempt_at <= now()
       ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING key`,
    [subscription],
  )
  return row?.key
}

/** The message at the head of a lane, and which run is about to begin. */
export interface CountedHead {
  readonly position: string
  readonly attempts: number
}

/** Counts a run of the head before it begins, and keeps the claim. Undefined: nothing to run. */
export const countHead = async (
  database: Database,
  lane: Lane,
): Promise<CountedHead | undefined> => {
  const [row] = await database.query<CountedHead>(
    `WITH header AS (
       UPDATE delivery.lane SET next_attempt_at = now() + '${claim}'
       WHERE subscription = $1 AND key = $2 AND state = 'retrying' RETURNING key
     )
     UPDATE delivery.lane_message m SET attempts = attempts + 1 FROM header
     WHERE m.subscription = $1 AND m.key = header.key AND m.position = (
       SELECT min(position) FROM delivery.lane_message WHERE subscription = $1 AND key = $2)
     RETURNING m.position, m.attempts`,
    [lane.subscription, lane.key],
  )
  return row
}

/** Takes a count back, under the lane's lock, for a run that did not begin. */
export const uncountHead = async (
  transaction: Transaction,
  lane: Lane,
  { position }: CountedHead,
): Promise<void> => {
  await transaction.query(
    `UPDATE delivery.lane_message SET attempts = greatest(0, attempts - 1)
     WHERE subscription = $1 AND key = $2 AND position = $3::bigint`,
    [lane.subscription, lane.key, position],
  )
}

/** A taken lock is no attempt: takes the count back, and tries again later, at most after 30 times `restMs`. */
export const postponeLane = async (
  database: Database,
  lane: Lane,
  { position, attempts }: CountedHead,
  restMs: number,
): Promise<void> => {
  await database.query(
    `WITH uncounted AS (
       UPDATE delivery.lane_message SET attempts = attempts - 1
       WHERE subscription = $1 AND key = $2 AND position = $3::bigint AND attempts = $4::int
     )
     UPDATE delivery.lane SET retries = retries + 1,
       next_attempt_at = now() + least(30, 2 ^ least(retries, 5)) * (0.5 + random() / 2) * $5::interval
     WHERE subscription = $1 AND key = $2`,
    [lane.subscription, lane.key, position, attempts, `${restMs} milliseconds`],
  )
}

/** Gives a claimed lane to whoever looks next, for a process that stops in the middle. */
export const releaseLane = async (database: Database, lane: Lane): Promise<void> => {
  await database.query(
    `UPDATE delivery.lane SET next_attempt_at = now()
     WHERE subscription = $1 AND key = $2 AND state = 'retrying'`,
    [lane.subscription, lane.key],
  )
}
