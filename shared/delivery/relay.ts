import type { Logger } from 'pino'
import type { Broker } from '../messaging/port.ts'
import type { Database, Listener } from '../postgres/database.ts'
import type { Check } from '../runtime/role.ts'
import { bell, type Bell } from './bell.ts'
import type { DeliveryMetrics } from './metrics.ts'
import { type Outage, outageOf } from './outage.ts'
import { onOutbox, outboxChannel } from './outbox-signal.ts'
import { orAfter } from './pause.ts'
import { relayRound } from './relay-round.ts'

export interface RelayOptions {
  /** Where the outbox is. Its commits may be asynchronous: what is published twice is dropped later. */
  readonly database: Database
  readonly broker: Pick<Broker, 'publisher'>
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
  /** Finishes what it is publishing and gives its partitions back. Idempotent. */
  stop(): Promise<void>
  check(): Promise<readonly Check[]>
}

/**
 * Publishes the outbox: per key in the order of the ids, at least once (twice at most the batch that
 * a crash or an outage interrupted). Shares the partitions with the relays of other processes.
 */
export const startRelay = (options: RelayOptions): Relay => {
  const stopping = new AbortController()
  const alarm = bell(stopping.signal)
  const outage = outageOf('what the relay needs', options.logger, stopping.signal)
  const running = run(options, alarm, outage, stopping.signal)
  return {
    wake: alarm.ring,
    stop() {
      stopping.abort()
      return running
    },
    async check() {
      const since = outage.since()
      return [
        since
          ? { name: 'relay', ok: false, detail: `not publishing since ${since.toISOString()}` }
          : { name: 'relay', ok: true },
      ]
    },
  }
}

const run = async (options: RelayOptions, alarm: Bell, outage: Outage, signal: AbortSignal) => {
  const { broker, database, logger, pollMs = 1000 } = options
  const publisher = broker.publisher()
  const round = relayRound(options, publisher)
  const silence = onOutbox(database, alarm.ring)
  let listener: Listener | undefined
  while (!signal.aborted) {
    try {
      listener ??= await database.listen(outboxChannel, alarm.ring)
      const more = await round.run()
      outage.ended()
      if (!more) await alarm.rung(pollMs)
    } catch (error) {
      outage.met(error)
      await outage.over()
    }
  }
  silence()
  const ending = Promise.allSettled([round.close(), publisher.close(), listener?.stop()])
  // With the database away, some of this may never answer; the leases expire by themselves.
  for (const part of (await orAfter(endingMs, ending)) ?? [])
    if (part.status === 'rejected')
      logger.warn({ err: part.reason }, 'the relay did not end cleanly')
}

const endingMs = 5000
