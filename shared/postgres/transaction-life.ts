import { databaseTrouble } from './errors.ts'
import { silenceWatch } from './silence-watch.ts'

/**
 * Whether the connection of a transaction is still there. postgres.js 3.4.9 writes to the closed
 * socket of a transaction, its ROLLBACK included, and the error, thrown from a timer, ends the process
 * (porsager/postgres issues 1066, 1154, 1208). So nothing may be sent once the connection is gone.
 * A connection that is cut at the wrong moment tells nobody: whoever waits for it would wait for ever.
 */
export interface TransactionLife {
  /** True once the server has been silent for too long: the connection is of no use any more. */
  readonly silent: boolean
  /** Follows the promise of `sql.begin`, which rejects when the connection closes; or rejects itself. */
  follow<T>(begun: Promise<T>): Promise<T>
  /** Throws the loss, instead of sending a statement after it. */
  forbidWhenLost(): void
  /** What a statement answers; rejects when the connection is lost meanwhile. */
  answered<T>(statement: Promise<T>): Promise<T>
  /** Runs all of the transaction's work, as `guard` does, between its BEGIN and its COMMIT. */
  between<T>(work: () => Promise<T>): Promise<T>
  /** Runs `work`; never settles when the connection is gone, so that no COMMIT or ROLLBACK is sent. */
  guard<T>(work: () => Promise<T>): Promise<T>
}

/** A server that ends a session says so a moment before the socket closes. */
const closingMs = 1000

const closing = (loss: Promise<never>) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, closingMs)
    loss.catch(() => {
      clearTimeout(timer)
      resolve()
    })
  })

const silence = (patienceMs: number) =>
  Object.assign(new Error(`the database gave no answer within ${patienceMs} ms`), {
    code: 'ETIMEDOUT',
  })

/** `patienceMs`: how long the server may leave everything unanswered that waits for it. */
export const transactionLife = (patienceMs: number): TransactionLife => {
  const loss = Promise.withResolvers<never>()
  loss.promise.catch(() => undefined)
  let lost: { readonly error: unknown } | undefined
  let silent = false
  const lose = (error: unknown) => {
    lost ??= { error }
    loss.reject(error)
  }
  const waiting = silenceWatch(patienceMs, () => {
    silent = true
    lose(silence(patienceMs))
  })
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    if (lost) await new Promise<never>(() => {})
    const outcome = await Promise.allSettled([work()]).then(([only]) => only)
    if (outcome.status === 'rejected' && databaseTrouble(outcome.reason) === 'away')
      await closing(loss.promise)
    if (lost) await new Promise<never>(() => {})
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  }
  return {
    get silent() {
      return silent
    },
    async follow(begun) {
      waiting.begin()
      try {
        return await Promise.race([begun, loss.promise])
      } catch (error) {
        lose(error)
        throw error
      } finally {
        waiting.close()
      }
    },
    forbidWhenLost() {
      if (lost) throw lost.error
    },
    answered(statement) {
      waiting.begin()
      return Promise.race([statement, loss.promise]).finally(waiting.end)
    },
    async between(work) {
      waiting.end()
      try {
        return await guard(work)
      } finally {
        waiting.begin()
      }
    },
    guard,
  }
}
