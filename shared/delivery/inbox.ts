import type { Queryable, Transaction } from '../postgres/database.ts'
import type { Arrival } from './arrival.ts'
import type { Consumption } from './consumption.ts'

/** What the inbox and the lanes say of a set of messages, see `delivery.admit`. */
export interface Admission {
  /** Seen for the first time, and marked as seen by this transaction. */
  readonly fresh: readonly string[]
  /** Keys with a lane, which this transaction has locked. */
  readonly laned: readonly string[]
  /** Keys with a lane that somebody else holds. */
  readonly busy: readonly string[]
}

/**
 * Marks messages as seen, once and for all if the transaction commits, and locks their lanes. Sets how
 * long the rest of the transaction waits for a lock: on the first pass a quarter of `lockWaitMs`.
 */
export const admit = async (
  transaction: Transaction,
  { subscription, patience }: Pick<Consumption, 'subscription' | 'patience'>,
  arrivals: readonly Arrival[],
  wait: boolean,
): Promise<Admission> => {
  const [admission] = await transaction.query<Admission>(
    'SELECT fresh, laned, busy FROM delivery.admit($1, $2::text[], $3::text[], $4, $5)',
    [
      subscription,
      arrivals.map((arrival) => arrival.id),
      [...new Set(arrivals.map((arrival) => arrival.key))],
      wait,
      `${wait ? patience.lockWaitMs : Math.ceil(patience.lockWaitMs / 4)}ms`,
    ],
  )
  return admission ?? { fresh: [], laned: [], busy: [] }
}

/** Takes the marks of messages back that this transaction leaves for a later one. */
export const forget = async (
  transaction: Transaction,
  subscription: string,
  ids: readonly string[],
): Promise<void> => {
  await transaction.query(
    'DELETE FROM delivery.inbox WHERE subscription = $1 AND message_id = ANY ($2::text[])',
    [subscription, ids],
  )
}

/** One run of one consumer: a process that starts again is another. */
export interface InFlightOwner {
  readonly subscription: string
  readonly id: string
}

/**
 * Says what this consumer is about to run (`ids`) and still holds, and answers the ids that stand in
 * another consumer's mark and never took effect: one of them may have ended its process.
 */
export const markInFlight = async (
  on: Queryable,
  consumer: InFlightOwner,
  ids: readonly string[],
  held: readonly string[],
): Promise<ReadonlySet<string>> => {
  const rows = await on.query<{ id: string }>(
    'SELECT mark AS id FROM delivery.mark($1, $2::uuid, $3::text[], $4::text[])',
    [consumer.subscription, consumer.id, ids, held],
  )
  return new Set(rows.map((row) => row.id))
}

/** A clean end: nothing of this consumer is suspected. */
export const clearInFlight = async (on: Queryable, consumer: InFlightOwner): Promise<void> => {
  await on.query('DELETE FROM delivery.in_flight WHERE subscription = $1 AND consumer = $2::uuid', [
    consumer.subscription,
    consumer.id,
  ])
}

/** Counts a run before it begins: `first` when none was counted, else one more. Answers the count. */
export const countAttempt = async (
  on: Queryable,
  subscription: string,
  id: string,
  first: number,
): Promise<number> => {
  const [row] = await on.query<{ attempts: number }>(
    `INSERT INTO delivery.attempt AS a (subscription, message_id, attempts) VALUES ($1, $2, $3::int)
     ON CONFLICT (subscription, message_id)
       DO UPDATE SET attempts = a.attempts + 1, last_at = now()
     RETURNING attempts`,
    [subscription, id, first],
  )
  return row?.attempts ?? first
}

export const clearAttempts = async (
  transaction: Transaction,
  subscription: string,
  id: string,
): Promise<void> => {
  await transaction.query(
    'DELETE FROM delivery.attempt WHERE subscription = $1 AND message_id = $2',
    [subscription, id],
  )
}
