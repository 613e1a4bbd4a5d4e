import type { Logger } from 'pino'
import { bell } from '../shared/delivery/bell.ts'
import { outageOf } from '../shared/delivery/outage.ts'
import type { Database } from '../shared/postgres/database.ts'
import type { Check } from '../shared/runtime/role.ts'
import { fireDueTimers, purgeTimers } from './timers.ts'

export interface TimerPollerOptions {
  readonly database: Database
  readonly logger: Logger
  /** Called after each COMMIT that fired something: the outbox has rows for the relay. */
  readonly committed: () => void
  /** Whose timers it fires: it knows what may still be on its way to this one only. Default: all. */
  readonly saga?: string
  /** How late a timer may be. Default 250 ms. */
  readonly pollMs?: number
  /** Asked before timers fire, and told of a database that was away. Default: always. */
  readonly calm?: { shaken(): void; reached(): Promise<boolean> }
  /** Deletes what ended long ago; true when there may be more. Default `purgeTimers`. */
  readonly purge?: (on: Database) => Promise<boolean>
  /** How often. Default one hour. */
  readonly purgeMs?: number
}

export interface TimerPoller {
  /** Finishes what is firing. Idempotent. */
  stop(): Promise<void>
  check(): Promise<readonly Check[]>
}

/** Fires timers as they become due, together with the pollers of other processes. Starts at once. */
export const pollTimers = (options: TimerPollerOptions): TimerPoller => {
  const stopping = new AbortController()
  const outage = outageOf('the database (for timers)', options.logger, stopping.signal)
  const { signal } = stopping
  const poll = async () => {
    const { pollMs = 250, purgeMs = 3_600_000, purge = purgeTimers, calm } = options
    const { database, committed, saga } = options
    const rest = bell(signal)
    // At a time of its own, so that processes do not do it together.
    let purgeAt = performance.now() + purgeMs * Math.random()
    while (!signal.aborted) {
      try {
        // None, at first: the question alone says whether the database is there.
        const atMost = (await calm?.reached()) === false ? 0 : 100
        const fired = await database.transaction((transaction) =>
          fireDueTimers(transaction, { atMost, saga }),
        )
        if (fired > 0) committed()
        if (performance.now() > purgeAt && !(await purge(database)))
          purgeAt = performance.now() + purgeMs
        outage.ended()
        if (fired === 0) await rest.rung(pollMs)
      } catch (error) {
        calm?.shaken()
        outage.met(error)
        await outage.over()
      }
    }
  }
  const running = poll()
  return {
    stop() {
      stopping.abort()
      return running
    },
    async check() {
      const since = outage.since()
      const name = 'timers'
      return [
        since
          ? { name, ok: false, detail: `not firing since ${since.toISOString()}` }
          : { name, ok: true },
      ]
    },
  }
}
