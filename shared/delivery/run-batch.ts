import type { Arrival } from './arrival.ts'
import type { Consumption } from './consumption.ts'
import { blamed, sortFailure } from './failures.ts'
import type { HeldKeys } from './held-keys.ts'
import { accuse, hold } from './held.ts'
import { backoff, pause } from './pause.ts'
import { runSet } from './run-set.ts'

/**
 * Runs a batch in one transaction that takes only what is free, and acknowledges it. When it fails it
 * is split, down to the message at fault, whose key is then held. Resolves when every message has
 * taken effect, is parked or is held; or, once the signal has aborted, was left alone.
 */
export const runBatch = async (
  consumption: Consumption,
  held: HeldKeys,
  batch: readonly Arrival[],
): Promise<void> => {
  const { outage, signal } = consumption
  let arrivals = batch
  for (let contentions = 0; ;) {
    await outage.over()
    arrivals = joinHeld(held, arrivals)
    if (arrivals.length === 0 || signal.aborted) return
    try {
      const deferred = await runSet(consumption, arrivals, { wait: false })
      outage.ended()
      consumption.acknowledge(without(arrivals, deferred))
      return holdAll(held, deferred)
    } catch (error) {
      const failure = sortFailure(error)
      consumption.metrics?.retried(consumption.subscription, failure)
      if (failure === 'away') outage.met(error)
      else if (failure !== 'contention' || blamed(error))
        return split(consumption, held, arrivals, error)
      else if (++contentions > 1) return holdAll(held, arrivals)
      else await pause(backoff(1, 50, 50), signal)
    }
  }
}

/** Sends messages of held keys to their queues; answers the others. */
export const joinHeld = (held: HeldKeys, arrivals: readonly Arrival[]): readonly Arrival[] =>
  arrivals.filter((arrival) => {
    if (!held.has(arrival.key)) return true
    void held.add(arrival.key, [hold(arrival)])
    return false
  })

const split = async (
  consumption: Consumption,
  held: HeldKeys,
  arrivals: readonly Arrival[],
  error: unknown,
): Promise<void> => {
  const name = blamed(error)
  const culprit = arrivals.find(({ id }) => id === name) ?? (arrivals.length === 1 && arrivals[0])
  if (culprit) {
    const ofKey = arrivals.filter(({ key }) => key === culprit.key)
    const queued = ofKey.map(hold)
    const accused = queued.find(({ arrival }) => arrival === culprit)
    if (accused && sortFailure(error) !== 'contention') accuse(accused, error, consumption.patience)
    void held.add(culprit.key, queued)
    return runBatch(consumption, held, without(arrivals, ofKey))
  }
  if (sortFailure(error) === 'contention') return holdAll(held, arrivals)
  const middle = Math.ceil(arrivals.length / 2)
  await runBatch(consumption, held, arrivals.slice(0, middle))
  await runBatch(consumption, held, arrivals.slice(middle))
}

const holdAll = (held: HeldKeys, arrivals: readonly Arrival[]) => {
  for (const [key, ofKey] of Map.groupBy(arrivals, (arrival) => arrival.key))
    void held.add(key, ofKey.map(hold))
}

const without = (arrivals: readonly Arrival[], gone: readonly Arrival[]) => {
  const set = new Set(gone)
  return arrivals.filter((arrival) => !set.has(arrival))
}
