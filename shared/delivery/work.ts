import type { Envelope } from '../messaging/envelope.ts'
import type { ReceivedMessage } from '../messaging/port.ts'
import type { Transaction } from '../postgres/database.ts'

/** One readable message on its way to its effect. */
export interface Delivery {
  /** `ce_id`: what the inbox knows the message by, whatever broker message carried it. */
  readonly id: string
  /** The key whose order is kept. */
  readonly key: string
  readonly envelope: Envelope
  readonly message: ReceivedMessage
  /** Which run of the handler this is, as far as recorded: 1 unless an earlier run failed. */
  readonly attempts: number
}

export interface HandleOptions {
  /**
   * False on the first pass: take what is free (`SKIP LOCKED`) and defer the rest.
   * True on the second: wait for the locks; `deferred` must then be empty.
   */
  readonly wait: boolean
}

export interface Handled {
  /**
   * What was left untouched because somebody else holds its rows, together with every later message
   * of the same keys in this call. It runs again, waiting, while other keys flow.
   */
  readonly deferred: readonly Delivery[]
}

/**
 * What a consumer does with its messages. Everything happens in the given transaction; a message
 * that was seen before, or waits in a lane, is not among the deliveries.
 *
 * Errors decide the fate of a message: `Poison` is dead-lettered at once; a lock or serialization
 * error of the database (or `contended()`) is tried again, without counting; a database that is away,
 * or `Transient`, pauses the consumer; anything else counts as an attempt, of which there are three.
 * `blame(error, delivery.id)` saves the search for the message that is at fault.
 */
export interface Work {
  /**
   * False for messages of a `ce_type` that this work has nothing to do with: they are acknowledged
   * without being read, and leave no trace. Absent: everything concerns it. Must not throw.
   */
  concerns?(type: string): boolean
  handle(
    transaction: Transaction,
    deliveries: readonly Delivery[],
    options: HandleOptions,
  ): Promise<Handled>
  /** Called in the transaction that puts the message into a lane, or changes its state there. */
  parked?(transaction: Transaction, delivery: Delivery, parking: Parking): Promise<void>
  /** Called after COMMIT, for example to wake the relay. Must not throw, nothing waits for it. */
  committed?(): void
}

/**
 * - `waiting-behind`: an earlier message of its key is parked; it runs after that one.
 * - `retrying`: a lock stayed taken too long; it is tried again by itself.
 * - `failed`: given up, in the dead letters, until somebody redrives, edits or discards it.
 */
export type ParkingState = 'waiting-behind' | 'retrying' | 'failed'

export interface Parking {
  readonly state: ParkingState
  /** Stable, kebab-case, for `urn:aeroalpes:problem:<slug>`. */
  readonly slug: string
  readonly detail: string
  readonly attempts: number
}
