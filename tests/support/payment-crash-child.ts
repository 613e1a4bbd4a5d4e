import type { PaymentProvider } from '../../command/payments/provider.ts'
import { startProviderCalls } from '../../command/payments/provider-calls.ts'
import { sandboxProvider } from '../../command/payments/sandbox.ts'
import { type Database, openDatabase, type Transaction } from '../../shared/postgres/database.ts'
import { silent } from './delivery-probe.ts'

const die = (at: string, step: string) => {
  if (at === step) process.kill(process.pid, 'SIGKILL')
}

/** A provider in whose hands the process is killed. */
const deadly = (inner: PaymentProvider, step: string): PaymentProvider => ({
  async charge(request, signal) {
    die('before charge', step)
    const answer = await inner.charge(request, signal)
    die('after charge', step)
    return answer
  },
  async lookUp(key, signal) {
    die('before look-up', step)
    const answer = await inner.lookUp(key, signal)
    die('after look-up', step)
    return answer
  },
  async refund(key, signal) {
    die('before refund', step)
    const answer = await inner.refund(key, signal)
    die('after refund', step)
    return answer
  },
})

/** A gateway that is killed at the given step. */
const gatewayUntilKilled = (url: string, step: string) => {
  const database = openDatabase(url, { name: 'child' })
  const recording: Database = {
    ...database,
    async transaction<T>(work: (transaction: Transaction) => Promise<T>) {
      const result = await database.transaction(async (transaction) => {
        const recorded = await work(transaction)
        die('before commit', step)
        return recorded
      })
      die('after commit', step)
      return result
    },
  }
  startProviderCalls({
    database: recording,
    provider: deadly(sandboxProvider(database), step),
    logger: silent,
    patience: { deadlineMs: 100, restMs: 5, longestRestMs: 20 },
    leaseMs: 300,
    pollMs: 10,
  })
}

const [, , url = '', step = ''] = process.argv
if (import.meta.main) gatewayUntilKilled(url, step)
