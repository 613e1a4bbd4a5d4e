import type { Logger } from 'pino'
import type { Database, Listener } from '../postgres/database.ts'
import type { Check } from '../runtime/role.ts'
import { bell, type Bell } from './bell.ts'
import type { DeliveryMetrics } from './metrics.ts'
import { type Outage, outageOf } from './outage.ts'
import { onOutbox, outboxChannel } from './outbox-signal.ts'
import { backoff, orAfter, pause } from './pause.ts'
import { isFenced } from './publish-rows.ts'
import type { RelayBroker } from './relay-publishers.ts'
import { type RelayRests, relayRests } from './relay-rests.ts'
import { type RelayRound, relayRound } from './relay-round.ts'

export interface RelayOptions {
  /** Where the outbox is. Its commits may be asynchronous: what is published twice is dropped later. */
  readonly database: Database
  readonly broker: RelayBroker
  /** Topics to which nobody but the relays publishes: there, a relay that was replaced is kept out. */
  readonly fenced?: readonly string[]
  readonly logger: Logger
  readonly metrics?: DeliveryMetrics
  /** Rows published at once at most. Default 500. */
  readonly batchSize?: number
  /** The safety net: looks by itself this often. Default 1000 ms. */
  readonly pollMs?: number
  /** A relay that died is replaced after this time. Default 3000 ms. */
  readonly leaseMs?: number
}

export interface Relay {
  /** Something was committed to the outbox. Costs nothing; call it after each COMMIT. */
  wake(): void
  /**
   * Finishes what it is publishing and gives its partitions back; from a broker that is away it waits
   * no longer than 2 s for that. Idempotent.
   */
  stop(): Promise<void>
  check(): Promise<readonly Check[]>
}

/**
 * Publishes the outbox: per key in the order of the ids, at least once (twice at most the batch that
 * a crash or an outage interrupted). Shares the work with the relays of other processes. What cannot
 * be published is tried again and again, and delays only its own topic.
 */
export const startRelay = (options: RelayOptions): Relay => {
  const stopping = new AbortController()
  const alarm = bell(stopping.signal)
  const outage = outageOf('what the relay needs', options.logger, stopping.signal)
  const rests = relayRests(options.logger, alarm.ring)
  const running = run(options, { alarm, outage, rests, signal: stopping.signal })
  return {
    wake: alarm.ring,
    async stop() {
      stopping.abort()
      // What it publishes stays in the outbox until it is stored, however this ends.
      await orAfter(drainMs, running)
    },
    async check() {
      return [outcomeOf(outage, rests)]
    },
  }
}

const outcomeOf = (outage: Outage, { since }: RelayRests): Check => {
  const away = outage.since()
  if (away)
    return { name: 'relay', ok: false, detail: `not publishing since ${away.toISOString()}` }
  const [first] = since
  if (!first) return { name: 'relay', ok: true }
  const [topic, when] = first
  const detail = `not publishing to ${topic} since ${when.toISOString()}`
  return { name: 'relay', ok: false, detail }
}

interface Parts {
  readonly alarm: Bell
  readonly outage: Outage
  readonly rests: RelayRests
  readonly signal: AbortSignal
}

const run = async (options: RelayOptions, { alarm, outage, rests, signal }: Parts) => {
  const { database, logger, pollMs = 1000 } = options
  const silence = onOutbox(database, alarm.ring)
  let listener: Listener | undefined
  let round: RelayRound | undefined
  let replaced = 0
  while (!signal.aborted) {
    try {
      listener ??= await database.listen(outboxChannel, alarm.ring)
      round ??= await relayRound(options, rests)
      const more = await round.run()
      outage.ended()
      replaced = 0
      if (!more) await alarm.rung(pollMs)
    } catch (error) {
      if (isFenced(error)) {
        logger.warn(
          { err: error },
          'another relay has taken over: beginning anew with what is left',
        )
        await endQuietly(round?.close(), logger)
        round = undefined
        await pause(backoff(++replaced, 100, 1000), signal)
      } else {
        outage.met(error)
        await outage.over()
      }
    }
  }
  silence()
  await Promise.all([round?.close(), listener?.stop()].map((part) => endQuietly(part, logger)))
}

/** With the database away, some of this may never answer; the leases expire by themselves. */
const endQuietly = async (ending: Promise<void> | undefined, logger: Logger): Promise<void> => {
  const [ended] = (await orAfter(endingMs, Promise.allSettled([ending]))) ?? []
  if (ended?.status === 'rejected')
    logger.warn({ err: ended.reason }, 'the relay did not end cleanly')
}

const endingMs = 5000
const drainMs = 2000
