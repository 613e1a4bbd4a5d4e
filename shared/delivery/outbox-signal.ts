import type { Logger } from 'pino'
import type { Database } from '../postgres/database.ts'
import { outsideTransaction } from '../postgres/guard.ts'

export const outboxChannel = 'delivery_outbox'

const here = new WeakMap<Database, Set<() => void>>()

/** Rings whenever a signal of this process tells of that database's outbox. Answers how to end it. */
export const onOutbox = (database: Database, ring: () => void): (() => void) => {
  const rings = here.get(database) ?? new Set()
  here.set(database, rings.add(ring))
  return () => rings.delete(ring)
}

/**
 * Tells the relays that something was committed: those of this process directly, those of others with
 * one NOTIFY for all calls within `everyMs`, outside of any transaction (inside it costs a third of the
 * throughput). A lost one only costs the relay's next poll.
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
    for (const ring of here.get(database) ?? []) ring()
    if (scheduled) return
    scheduled = true
    const restMs = Math.max(0, sentAt + everyMs - performance.now())
    outsideTransaction(() => setTimeout(() => void send(), restMs).unref())
  }
}
