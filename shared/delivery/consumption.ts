import type { Logger } from 'pino'
import type { Database } from '../postgres/database.ts'
import type { Arrival } from './arrival.ts'
import type { DeliveryMetrics } from './metrics.ts'
import type { Outage } from './outage.ts'
import type { Work } from './work.ts'

/** How patient a consumer is. Times in ms. */
export interface Patience {
  /** Runs of a message before it is given up. */
  readonly attempts: number
  /** The pause before the second run; it doubles from there. */
  readonly retryPauseMs: number
  /** How long a transaction waits for one lock. */
  readonly lockWaitMs: number
  /** A lock that stays taken this long parks its key. */
  readonly parkAfterMs: number
  /** The pause before a parked key is tried again; it grows to thirty times that. */
  readonly laneRetryMs: number
}

export const defaultPatience: Patience = {
  attempts: 3,
  retryPauseMs: 200,
  lockWaitMs: 2000,
  parkAfterMs: 10_000,
  laneRetryMs: 1000,
}

/** What all parts of one consumer share. */
export interface Consumption {
  readonly subscription: string
  readonly database: Database
  readonly work: Work
  readonly logger: Logger
  readonly metrics?: DeliveryMetrics
  readonly patience: Patience
  readonly outage: Outage
  /** Aborts when the consumer stops. */
  readonly signal: AbortSignal
  /** Only ever after the COMMIT that made the messages take effect, or parked them. */
  acknowledge(arrivals: readonly Arrival[]): void
}
