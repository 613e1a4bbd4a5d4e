import { semaphore } from '../postgres/semaphore.ts'
import type { Arrival, Fault } from './arrival.ts'
import type { Consumption, Patience } from './consumption.ts'
import { type ContentionClock, contentionClock } from './contention-clock.ts'
import { blamed, describeFailure, sortFailure } from './failures.ts'
import { accuse, type Held } from './held.ts'
import { countAttempt } from './inbox.ts'
import { parkKey } from './parking.ts'
import { runSet } from './run-set.ts'

const mostAtOnce = 100

// Of all consumers of this process: one that ends it would have those counted that run beside it.
const suspects = semaphore(1)

/**
 * Does the next thing for a held key: runs what is at the head of its queue in a waiting transaction,
 * or parks it. Settled messages leave the queue. Answers how long to rest, in ms; never throws.
 */
export const keyStep = (consumption: Consumption, queue: Held[]): (() => Promise<number>) => {
  const contention = contentionClock(consumption.patience)
  let running: readonly Held[] = []

  const settle = (arrivals: readonly Arrival[]) => {
    contention.over()
    leave(queue, arrivals)
    consumption.acknowledge(arrivals)
  }

  const run = async (attempt?: number) => {
    const arrivals = running.map(({ arrival }) => arrival)
    try {
      await runSet(consumption, arrivals, { wait: true, ...(attempt ? { attempt } : {}) })
    } finally {
      for (const held of running) held.tried()
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
      return
    }
    running = head.alone ? [head] : leading(queue)
    await run(head.attempt)
  }

  return async () => {
    const head = queue[0]
    if (!head) return 0
    try {
      await (head.uncounted > 0 ? suspects.run(() => advance(head)) : advance(head))
      consumption.outage.ended()
      return 0
    } catch (error) {
      return restAfter(consumption, head, running, error, contention)
    }
  }
}

const leave = (queue: Held[], arrivals: readonly Arrival[]) => {
  const gone = new Set(arrivals)
  const stays = queue.filter(({ arrival }) => !gone.has(arrival))
  for (const held of queue) if (gone.has(held.arrival)) held.tried()
  queue.splice(0, queue.length, ...stays)
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
  head: Held,
  running: readonly Held[],
  error: unknown,
  contention: ContentionClock,
): number => {
  const { logger, metrics, outage, subscription, patience } = consumption
  const failure = sortFailure(error)
  metrics?.retried(subscription, failure)
  if (failure === 'away') {
    outage.met(error)
    return 0
  }
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
  return restAfterFault(running, error, patience)
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
