import type { Logger } from 'pino'
import type { Database } from '../shared/postgres/database.ts'
import { purgeReceipts } from './receipts.ts'

const hourMs = 3_600_000

/**
 * Deletes old receipts once an hour, a few at a time. Any number of workers may do so at once. What
 * fails is logged, and comes again an hour later.
 */
export const receiptHousekeeping = (
  database: Database,
  logger: Logger,
  clock: () => Date,
  everyMs = hourMs,
): { stop(): Promise<void> } => {
  let stopped = false
  let running = Promise.resolve()
  const purge = async () => {
    try {
      let more = true
      while (more && !stopped) more = await purgeReceipts(database, clock())
    } catch (error) {
      logger.warn({ err: error }, 'old receipts could not be deleted; tried again in an hour')
    }
  }
  const timer = setInterval(() => {
    running = running.then(purge)
  }, everyMs)
  timer.unref()
  return {
    stop() {
      stopped = true
      clearInterval(timer)
      return running
    },
  }
}
