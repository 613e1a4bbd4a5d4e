import type { Logger } from 'pino'
import type { Database } from '../postgres/database.ts'
import { outsideTransaction } from '../postgres/guard.ts'

export const outboxChannel = 'delivery_outbox'

/**
 * Tells the relays of other processes that something was committed: at once, but then one NOTIFY for
 * all calls within `everyMs`, outside of any transaction (inside it costs a third of the throughput). A lost one only
 * costs the relay's next poll.
 */
export const outboxSignal = (database: Database, logger: Logger, everyMs = 20): (() => void) => {
  let scheduled = false
  let sentAt = -everyMs
  const send = async () => {
    scheduled = false
    sentAt = performance.now()
    try {
      await database.query('SELECT pg_notify($1, $2)', [outboxChannel, ''])
    } catch (error) {
      logger.debug({ err: error }, 'the relay was not notified; it polls')
    }
  }
  return () => {
    if (scheduled) return
    scheduled = true
    const restMs = Math.max(0, sentAt + everyMs - performance.now())
    outsideTransaction(() => setTimeout(() => void send(), restMs).unref())
  }
}
