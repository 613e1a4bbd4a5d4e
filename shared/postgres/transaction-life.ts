import { databaseTrouble } from './errors.ts'

/**
 * Whether the connection of a transaction is still there. postgres.js 3.4.9 writes to the closed
 * socket of a transaction, its ROLLBACK included, and the error, thrown from a timer, ends the process
 * (porsager/postgres issues 1066, 1154, 1208). So nothing may be sent once the connection is gone.
 */
export interface TransactionLife {
  /** Follows the promise of `sql.begin`, which rejects when the connection closes. */
  follow<T>(begun: Promise<T>): Promise<T>
  /** Throws the loss, instead of sending a statement after it. */
  forbidWhenLost(): void
  /** Runs `work`; never settles when the connection is gone, so that no COMMIT or ROLLBACK is sent. */
  guard<T>(work: () => Promise<T>): Promise<T>
}

/** A server that ends a session says so a moment before the socket closes. */
const closingMs = 1000

export const transactionLife = (): TransactionLife => {
  const loss = Promise.withResolvers<never>()
  loss.promise.catch(() => undefined)
  let lost: { readonly error: unknown } | undefined
  const closed = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, closingMs)
      loss.promise.catch(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  return {
    async follow(begun) {
      try {
        return await begun
      } catch (error) {
        lost = { error }
        loss.reject(error)
        throw error
      }
    },
    forbidWhenLost() {
      if (lost) throw lost.error
    },
    async guard(work) {
      const outcome = await Promise.allSettled([work()]).then(([only]) => only)
      if (outcome.status === 'rejected' && databaseTrouble(outcome.reason) === 'away')
        await closed()
      if (lost) await new Promise<never>(() => {})
      if (outcome.status === 'rejected') throw outcome.reason
      return outcome.value
    },
  }
}
