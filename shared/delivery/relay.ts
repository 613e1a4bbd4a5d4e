import type { Logger } from 'pino'
import { newId } from '../kernel/ids.ts'
import type { Broker, Publisher } from '../messaging/port.ts'
import type { Database } from '../postgres/database.ts'
import type { Check } from '../runtime/role.ts'
import { Invalid } from '../kernel/fates.ts'
import type { DeliveryMetrics } from './metrics.ts'
import { advanceOutbox, type OutboxRow, refuseRow } from './outbox.ts'
import { outboxChannel } from './outbox-signal.ts'
import { outageOf } from './outage.ts'
import { partitionLease } from './relay-lease.ts'
import { bell } from './bell.ts'

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
  /** A relay that died is replaced after this time. Default 5000 ms. */
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
  const publisher = options.broker.publisher()
  const step = relayStep(options, publisher)

  const loop = async () => {
    const listening = options.database.listen(outboxChannel, alarm.ring)
    listening.catch((error: unknown) =>
      options.logger.warn({ err: error }, 'the relay cannot listen; it polls instead'),
    )
    while (!stopping.signal.aborted) {
      try {
        const more = await step.run()
        outage.ended()
        if (!more) await alarm.rung(options.pollMs ?? 1000)
      } catch (error) {
        outage.met(error)
        await outage.over()
      }
    }
    await Promise.allSettled([step.close(), publisher.close()])
    await listening.then((listener) => listener.stop()).catch(() => undefined)
  }
  const running = loop()

  return {
    wake: alarm.ring,
    stop() {
      stopping.abort()
      return running
    },
    async check() {
      const away = outage.since()
      return [
        away
          ? { name: 'relay', ok: false, detail: `not publishing since ${away.toISOString()}` }
          : { name: 'relay', ok: true },
      ]
    },
  }
}

const relayStep = (options: RelayOptions, publisher: Publisher) => {
  const { database, logger, metrics } = options
  const leaseMs = options.leaseMs ?? 5000
  const batchSize = options.batchSize ?? 500
  const lease = partitionLease(database, newId(), leaseMs)
  let partitions: readonly number[] = []
  let renewAt = 0
  let published: string[] = []

  const publishAll = async (rows: readonly OutboxRow[]) => {
    const outcomes = await Promise.allSettled(rows.map((row) => publisher.publish(row.topic, row)))
    let away: unknown
    for (const [index, row] of rows.entries()) {
      const outcome = outcomes[index]
      if (outcome?.status === 'fulfilled') published.push(row.id)
      else if (outcome?.reason instanceof Invalid) {
        logger.error({ err: outcome.reason, row: row.id, topic: row.topic }, 'the broker refused')
        await refuseRow(database, row.id, outcome.reason.message)
      } else away ??= outcome?.reason
    }
    metrics?.relayed(published.length)
    if (away) throw away
  }

  return {
    /** Answers whether there may be more at once. */
    async run() {
      if (performance.now() >= renewAt) {
        renewAt = performance.now() + leaseMs / 3
        partitions = await lease.renew()
      }
      if (partitions.length === 0) return false
      const done = published
      const rows = await advanceOutbox(database, done, partitions, batchSize)
      published = published.filter((id) => !done.includes(id))
      await publishAll(rows)
      return rows.length > 0
    },
    async close() {
      await advanceOutbox(database, published, [], 0)
      await lease.release()
    },
  }
}
