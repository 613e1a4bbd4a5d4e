import type { Logger } from 'pino'
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

/** Pauses grow from 50 ms to 1 s, without end. Logs the beginning and the end, not every attempt. */
export const outageOf = (what: string, logger: Logger, signal: AbortSignal): Outage => {
  let failures = 0
  let began: Date | undefined
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
      resting = pause(backoff(failures, 100, 1000), signal).then(() => {
        resting = undefined
      })
    },
    ended() {
      if (failures > 0) logger.info(`${what} is back`)
      failures = 0
      began = undefined
    },
    since: () => began,
  }
}

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
