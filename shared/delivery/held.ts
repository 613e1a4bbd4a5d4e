import type { Arrival, Fault } from './arrival.ts'
import type { Patience } from './consumption.ts'
import { describeFailure, sortFailure } from './failures.ts'
import { backoff } from './pause.ts'

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
