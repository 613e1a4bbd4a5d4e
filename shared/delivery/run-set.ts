import { Misuse } from '../kernel/fates.ts'
import type { Transaction } from '../postgres/database.ts'
import { toDelivery, type Arrival } from './arrival.ts'
import type { Consumption } from './consumption.ts'
import { admit, clearAttempts, forget } from './inbox.ts'
import { parkBehind, pickFresh } from './parking.ts'
import type { Delivery } from './work.ts'

export interface RunOptions {
  readonly wait: boolean
  /** The counted attempt, for one message that runs alone. */
  readonly attempt?: number
}

/**
 * One transaction for a set of readable messages, in order: what was seen before drops out, what
 * has a lane waits behind it, the rest is handled. Answers what somebody else's lock keeps from
 * running now; everything else has its effect, or its place in a lane, when this resolves.
 */
export const runSet = async (
  consumption: Consumption,
  arrivals: readonly Arrival[],
  options: RunOptions,
): Promise<readonly Arrival[]> => {
  const started = performance.now()
  const { subscription, metrics, database, work } = consumption
  const result = await database.transaction(async (transaction) => {
    const admitted = await admit(transaction, consumption, arrivals, options.wait)
    const { fresh, duplicates } = pickFresh(arrivals, admitted.fresh)
    const behind = fresh.filter(({ key }) => admitted.laned.includes(key))
    if (behind.length > 0) await parkBehind(consumption, transaction, behind)
    const free = fresh.filter(
      ({ key }) => !admitted.laned.includes(key) && !admitted.busy.includes(key),
    )
    const left = await handle(consumption, transaction, free, options)
    const deferred = fresh.filter(({ id, key }) => left.has(id) || admitted.busy.includes(key))
    if (deferred.length > 0)
      await forget(
        transaction,
        subscription,
        deferred.map(({ id }) => id),
      )
    if (options.attempt !== undefined)
      for (const { id } of fresh) await clearAttempts(transaction, subscription, id)
    return { deferred, duplicates }
  })
  if (result.duplicates > 0) metrics?.duplicates(subscription, result.duplicates)
  const oldest = Date.now() - (arrivals[0]?.message.publishTime.getTime() ?? 0)
  const effects = arrivals.length - result.duplicates - result.deferred.length
  metrics?.batch(subscription, effects, oldest, performance.now() - started)
  work.committed?.()
  return result.deferred
}

const handle = async (
  { work }: Consumption,
  transaction: Transaction,
  arrivals: readonly Arrival[],
  { wait, attempt = 1 }: RunOptions,
): Promise<ReadonlySet<string>> => {
  const deliveries = arrivals.flatMap((arrival) => toDelivery(arrival, attempt) ?? [])
  if (deliveries.length === 0) return new Set()
  const { deferred } = await work.handle(transaction, deliveries, { wait })
  const left = new Set(deferred.map(({ id }) => id))
  forbidOvertaking(deliveries, left)
  if (wait && left.size > 0)
    throw new Misuse('deferred-while-waiting', 'the second pass must wait for locks, not defer')
  return left
}

const forbidOvertaking = (deliveries: readonly Delivery[], left: ReadonlySet<string>) => {
  if (left.size === 0) return
  const heldKeys = new Set<string>()
  for (const { id, key } of deliveries) {
    if (left.has(id)) heldKeys.add(key)
    else if (heldKeys.has(key))
      throw new Misuse('deferred-out-of-order', `a message of key ${key} overtook a deferred one`)
  }
}
