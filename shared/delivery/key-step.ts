import type { Arrival, Fault } from './arrival.ts'
import type { Consumption, Patience } from './consumption.ts'
import { blamed, describeFailure, sortFailure } from './failures.ts'
import { countAttempt } from './inbox.ts'
import { parkKey } from './parking.ts'
import { backoff } from './pause.ts'
import { runSet } from './run-set.ts'

/** A message of a held key. */
export interface Held {
  readonly arrival: Arrival
  /** It has failed, or may have ended a process: it runs alone, and each run is counted before. */
  alone: boolean
  /** Runs that the table of attempts does not know of yet. */
  uncounted: number
  /** The count of the run that is due or under way; undefined until it is counted. */
  attempt?: number | undefined
  /** It will be parked: why, and whether as a dead letter. */
  verdict?: { readonly fault: Fault; readonly dead: boolean } | undefined
  tried: () => void
}

export const hold = (arrival: Arrival): Held => ({
  arrival,
  alone: false,
  uncounted: 0,
  verdict: arrival.fault && { fault: arrival.fault, dead: true },
  tried: () => {},
})

const mostAtOnce = 100

/**
 * Does the next thing for a held key: runs what is at the head of its queue in a waiting transaction,
 * or parks it. Settled messages leave the queue. Answers how long to rest, in ms; never throws.
 */
export const keyStep = (consumption: Consumption, queue: Held[]): (() => Promise<number>) => {
  const contention = contentionClock(consumption.patience)

  const settle = (arrivals: readonly Arrival[]) => {
    contention.over()
    const gone = new Set(arrivals)
    const settled = queue.filter(({ arrival }) => gone.has(arrival))
    queue.splice(0, queue.length, ...queue.filter(({ arrival }) => !gone.has(arrival)))
    for (const held of settled) held.tried()
    consumption.acknowledge(arrivals)
  }

  const run = async (together: readonly Held[], attempt?: number) => {
    const arrivals = together.map(({ arrival }) => arrival)
    try {
      await runSet(consumption, arrivals, { wait: true, ...(attempt ? { attempt } : {}) })
    } finally {
      for (const held of together) held.tried()
    }
    settle(arrivals)
  }

  const advance = async (head: Held) => {
    if (head.alone && !head.verdict) await count(consumption, head)
    if (head.verdict) {
      const behind = queue.slice(1).map(({ arrival }) => arrival)
      const entry = { arrival: head.arrival, attempts: head.attempt ?? 1, ...head.verdict }
      settle(await parkKey(consumption, entry, behind))
      consumption.work.committed?.()
    } else await run(head.alone ? [head] : leading(queue), head.attempt)
  }

  return async () => {
    const head = queue[0]
    if (!head) return 0
    try {
      await advance(head)
      consumption.outage.ended()
      return 0
    } catch (error) {
      return restAfter(consumption, queue, error, contention)
    }
  }
}

/** The messages at the head that may run together. */
const leading = (queue: readonly Held[]): readonly Held[] => {
  const end = queue.findIndex(({ alone, verdict }) => alone || verdict)
  return queue.slice(0, Math.min(end < 0 ? queue.length : end, mostAtOnce))
}

const count = async ({ database, subscription, patience }: Consumption, head: Held) => {
  head.attempt ??= await countAttempt(database, subscription, head.arrival.id, head.uncounted + 1)
  head.uncounted = 0
  if (head.attempt <= patience.attempts) return
  head.attempt = patience.attempts
  head.verdict = { fault: uncleanEnd, dead: true }
}

/** What is said of a message whose every counted run ended without an answer. */
export const uncleanEnd: Fault = {
  slug: 'unclean-end',
  detail: 'the process ended each time it handled this message',
}

const restAfter = (
  consumption: Consumption,
  queue: readonly Held[],
  error: unknown,
  contention: ContentionClock,
): number => {
  const { logger, metrics, outage, subscription, patience } = consumption
  const failure = sortFailure(error)
  metrics?.retried(subscription, failure)
  const head = queue[0]
  if (failure === 'away') outage.met(error)
  if (failure === 'away' || !head) return 0
  if (failure === 'contention') {
    const restMs = contention.met()
    if (restMs === undefined)
      head.verdict ??= {
        fault: { ...describeFailure(error), slug: 'lock-stays-taken' },
        dead: false,
      }
    return restMs ?? 0
  }
  if (head.verdict) {
    logger.error({ err: error, message: head.arrival.id }, 'parking failed and is tried again')
    return 1000
  }
  return restAfterFault(head.alone ? [head] : leading(queue), error, patience)
}

/** The handler itself failed, on one of these. */
const restAfterFault = (together: readonly Held[], error: unknown, patience: Patience): number => {
  const name = blamed(error)
  const only = together.length === 1 ? together[0] : undefined
  const culprit = together.find(({ arrival }) => arrival.id === name) ?? only
  if (!culprit) {
    for (const held of together) held.alone = true
    return 0
  }
  return accuse(culprit, error, patience)
}

/** Counts a failed run against its message. Answers how long to rest before the next, in ms. */
export const accuse = (culprit: Held, error: unknown, patience: Patience): number => {
  if (!culprit.alone) culprit.uncounted += 1
  const attempts = culprit.attempt ?? culprit.uncounted
  culprit.alone = true
  if (sortFailure(error) === 'poison' || attempts >= patience.attempts) {
    culprit.attempt = attempts
    culprit.verdict = { fault: describeFailure(error), dead: true }
    return 0
  }
  culprit.attempt = undefined
  return backoff(attempts, patience.retryPauseMs, 5000)
}

interface ContentionClock {
  /** How long to rest, in ms, or undefined when it has lasted too long. */
  met(): number | undefined
  over(): void
}

const contentionClock = ({ parkAfterMs }: Patience): ContentionClock => {
  let since: number | undefined
  let times = 0
  return {
    met() {
      since ??= performance.now()
      times += 1
      return performance.now() - since < parkAfterMs ? backoff(times, 50, 1000) : undefined
    },
    over() {
      since = undefined
      times = 0
    },
  }
}
