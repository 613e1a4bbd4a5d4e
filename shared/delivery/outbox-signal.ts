import type { Logger } from 'pino'
import type { Database } from '../postgres/database.ts'
import { outsideTransaction } from '../postgres/guard.ts'

export const outboxChannel = 'delivery_outbox'

/** What the roles of this process have to do with one outbox. */
interface Outbox {
  readonly rings: Set<() => void>
  scheduled: boolean
  sentAt: number
}

const outboxes = new WeakMap<Database, Outbox>()

const outboxOf = (database: Database): Outbox => {
  const outbox = outboxes.get(database) ?? {
    rings: new Set(),
    scheduled: false,
    sentAt: -Infinity,
  }
  outboxes.set(database, outbox)
  return outbox
}

/** Rings whenever a signal of this process tells of that database's outbox. Answers how to end it. */
export const onOutbox = (database: Database, ring: () => void): (() => void) => {
  const { rings } = outboxOf(database)
  rings.add(ring)
  return () => rings.delete(ring)
}

/**
 * Tells the relays that something was committed: those of this process directly, those of others with
 * one NOTIFY for all calls of this process within `everyMs`, outside of any transaction (inside it
 * costs a third of the throughput). A lost one only costs the relay's next poll.
 */
export const outboxSignal = (database: Database, logger: Logger, everyMs = 20): (() => void) => {
  const outbox = outboxOf(database)
  const send = async () => {
    outbox.scheduled = false
    outbox.sentAt = performance.now()
    try {
      await database.query('SELECT pg_notify($1, $2)', [outboxChannel, ''])
    } catch (error) {
      logger.debug({ err: error }, 'the relay was not notified; it polls')
    }
  }
  return () => {
    for (const ring of outbox.rings) ring()
    if (outbox.scheduled) return
    outbox.scheduled = true
    const restMs = Math.max(0, outbox.sentAt + everyMs - performance.now())
    outsideTransaction(() => setTimeout(() => void send(), restMs).unref())
  }
}
