import type { Logger } from 'pino'
import { Fate } from '../kernel/fates.ts'
import { backoff, pause } from './pause.ts'

/** Whether something we depend on answers; everybody who needs it waits here together. */
export interface Outage {
  /** Resolves when it is worth trying (again), or the signal aborts. */
  over(): Promise<void>
  /** It did not answer. */
  met(error: unknown): void
  /** It answered. */
  ended(): void
  since(): Date | undefined
}

/**
 * Pauses grow from 50 ms to 1 s, without end. Logs the beginning, the end and every other reason once,
 * not every attempt.
 */
export const outageOf = (what: string, logger: Logger, signal: AbortSignal): Outage => {
  let failures = 0
  let began: Date | undefined
  const reasons = new Set<string>()
  let resting: Promise<void> | undefined
  return {
    async over() {
      while (resting && !signal.aborted) await resting
    },
    met(error) {
      if (resting) return
      failures += 1
      began ??= new Date()
      if (failures === 1) logger.warn({ err: error }, `${what} is away: pausing until it is back`)
      else if (!reasons.has(reasonOf(error)))
        logger.warn({ err: error }, `${what} is still of no use: ${wordsOf(error)}`)
      reasons.add(reasonOf(error))
      resting = pause(backoff(failures, 100, 1000), signal).then(() => {
        resting = undefined
      })
    },
    ended() {
      if (failures > 0) logger.info(`${what} is back`)
      failures = 0
      reasons.clear()
      began = undefined
    },
    since: () => began,
  }
}

/** The same for errors that differ in their words alone. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof Fate) return error.slug
  if (!(error instanceof Error)) return ''
  return 'code' in error ? String(error.code) : error.name
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** A consumer rejects sooner than that when its broker is away, in ms. */
const rejectsWithin = 1500

/**
 * What `waiting` gives. It may wait long for something to happen: when it has done so for a while
 * without failing, the outage is over.
 */
export const endedByWaiting = async <T>(outage: Outage, waiting: Promise<T>): Promise<T> => {
  if (!outage.since()) return waiting
  const timer = setTimeout(() => outage.ended(), rejectsWithin)
  try {
    return await waiting
  } finally {
    clearTimeout(timer)
  }
}
