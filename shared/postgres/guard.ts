import { AsyncLocalStorage } from 'node:async_hooks'
import { Misuse } from '../kernel/fates.ts'

const transactions = new AsyncLocalStorage<true>()

/** Runs `work` so that everything it starts knows that it is inside a transaction. */
export const markTransaction = <T>(work: () => Promise<T>): Promise<T> =>
  transactions.run(true, work)

/** Leaves the mark behind, for long-lived loops that a transaction may happen to wake up. */
export const outsideTransaction = <T>(work: () => T): T => transactions.exit(work)

/**
 * Throws `Misuse` slug `inside-transaction` when called, directly or indirectly, from within a
 * transaction. The pool would wait for a connection that only this transaction can free, and a
 * message published there would outlive a rollback.
 */
export const forbidInTransaction = (what: string): void => {
  if (transactions.getStore())
    throw new Misuse(
      'inside-transaction',
      `${what} inside a transaction: use the transaction itself, or do it after the commit`,
    )
}
