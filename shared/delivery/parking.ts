import type { Transaction } from '../postgres/database.ts'
import { toDelivery, type Arrival } from './arrival.ts'
import type { Consumption } from './consumption.ts'
import { deadLetterCopy } from './dead-letter.ts'
import { admit, clearAttempts, forget } from './inbox.ts'
import { appendToLanes, openLane, type LaneEntry } from './lane-store.ts'
import { appendOutbox } from './outbox.ts'
import type { Parking } from './work.ts'

/** Queues messages behind the lanes of their keys, which the transaction has locked. */
export const parkBehind = async (
  consumption: Consumption,
  transaction: Transaction,
  arrivals: readonly Arrival[],
): Promise<void> => {
  const entries = arrivals.map((arrival) => ({ arrival, attempts: 0 }))
  await appendToLanes(transaction, consumption.subscription, entries)
  for (const arrival of arrivals) await tell(consumption, transaction, arrival, waitingBehind)
}

const waitingBehind: Parking = {
  state: 'waiting-behind',
  slug: 'waiting-behind',
  detail: 'an earlier message of the same key is parked; this one runs after it',
  attempts: 0,
}

/**
 * Opens a lane for the head's key and parks it there with those behind it: marks them as seen and
 * keeps them in one transaction. Answers which of them are settled by that: all, unless the head had
 * taken effect before; then only that one is, and nothing was parked.
 */
export const parkKey = (
  consumption: Consumption,
  head: Required<LaneEntry>,
  behind: readonly Arrival[],
): Promise<readonly Arrival[]> =>
  consumption.database.transaction(async (transaction) => {
    const { subscription } = consumption
    const all = [head.arrival, ...behind]
    const { fresh, laned } = await admit(transaction, consumption, all, true)
    const { fresh: unseen } = pickFresh(all, fresh)
    if (laned.length > 0) {
      if (unseen.length > 0) await parkBehind(consumption, transaction, unseen)
      return all
    }
    if (unseen[0] !== head.arrival) {
      await forget(transaction, subscription, fresh)
      return [head.arrival]
    }
    await openWith(consumption, transaction, head)
    if (unseen.length > 1) await parkBehind(consumption, transaction, unseen.slice(1))
    return all
  })

const openWith = async (
  consumption: Consumption,
  transaction: Transaction,
  head: Required<LaneEntry>,
) => {
  const { subscription, patience } = consumption
  const lane = { subscription, key: head.arrival.key }
  await openLane(transaction, lane, head.dead ? 'closed' : 'retrying', patience.laneRetryMs)
  await appendToLanes(transaction, subscription, [head])
  await clearAttempts(transaction, subscription, head.arrival.id)
  await tellOfHead(consumption, transaction, head, 0)
}

/** Tells the owner of the head of a lane, and the dead letters when it is given up. */
export const tellOfHead = async (
  consumption: Consumption,
  transaction: Transaction,
  { arrival, attempts, fault, dead }: Required<LaneEntry>,
  epoch: number,
): Promise<void> => {
  const { subscription } = consumption
  if (dead) {
    const why = { ...fault, attempts, epoch }
    await appendOutbox(transaction, [deadLetterCopy(subscription, arrival, why)])
    consumption.logger.error({ ...idsOf(arrival), ...why }, 'dead letter')
  }
  const state = dead ? 'failed' : 'retrying'
  await tell(consumption, transaction, arrival, { state, ...fault, attempts })
}

const idsOf = ({ id, key, envelope }: Arrival) => ({
  message: id,
  key,
  correlation_id: envelope?.correlationId,
  traceparent: envelope?.traceparent,
})

const tell = async (
  consumption: Consumption,
  transaction: Transaction,
  arrival: Arrival,
  parking: Parking,
) => {
  consumption.metrics?.parked(consumption.subscription, parking.state)
  const delivery = toDelivery(arrival, parking.attempts)
  if (delivery) await consumption.work.parked?.(transaction, delivery, parking)
}

/** Splits into what the inbox saw for the first time (once each) and the repeats. */
export const pickFresh = (
  arrivals: readonly Arrival[],
  freshIds: readonly string[],
): { readonly fresh: readonly Arrival[]; readonly duplicates: number } => {
  const left = new Set(freshIds)
  const fresh = arrivals.filter(({ id }) => left.delete(id))
  return { fresh, duplicates: arrivals.length - fresh.length }
}
