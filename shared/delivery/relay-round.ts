import { Invalid } from '../kernel/fates.ts'
import { newId } from '../kernel/ids.ts'
import type { Publisher } from '../messaging/port.ts'
import { advanceOutbox, outboxDepth, type OutboxRow, refuseRow } from './outbox.ts'
import { partitionLease } from './relay-lease.ts'
import type { RelayOptions } from './relay.ts'

/** The relay's work, without its waiting. */
export interface RelayRound {
  /** Publishes what is there, one batch at most. Answers whether there may be more at once. */
  run(): Promise<boolean>
  /** Deletes what was published and gives the partitions back. */
  close(): Promise<void>
}

const depthEveryMs = 15_000

export const relayRound = (options: RelayOptions, publisher: Publisher): RelayRound => {
  const { database, metrics, leaseMs = 3000, batchSize = 500 } = options
  const lease = partitionLease(database, newId(), leaseMs)
  const renewing = every(leaseMs / 2)
  const measuring = every(depthEveryMs)
  let partitions: readonly number[] = []
  let published: readonly string[] = []

  return {
    async run() {
      if (renewing.due()) partitions = await lease.renew()
      if (metrics && measuring.due()) metrics.outboxDepth(await outboxDepth(database))
      if (partitions.length === 0) return false
      const rows = await advanceOutbox(database, published, partitions, batchSize)
      const outcome = await publishRows(options, publisher, rows)
      published = outcome.published
      metrics?.relayed(published.length)
      if (outcome.away) throw outcome.away
      return rows.length > 0
    },
    async close() {
      await advanceOutbox(database, published, [], 0)
      await lease.release()
    },
  }
}

interface Published {
  /** Ids of what the broker stored. */
  readonly published: readonly string[]
  /** Set when the broker was away: with it, later rows of the keys that it failed for were not sent. */
  readonly away?: unknown
}

/**
 * Sends one row of each key at a time. Sent together, the first of a key could fail and the second be
 * stored, which no repetition puts right. What the broker will never take is put aside.
 */
const publishRows = async (
  { database, logger }: RelayOptions,
  publisher: Publisher,
  rows: readonly OutboxRow[],
): Promise<Published> => {
  const published: string[] = []
  let away: unknown
  let waiting = [...Map.groupBy(rows, ({ key }) => key).values()]
  for (let turn = 0; waiting.length > 0; turn++) {
    const wave = waiting.flatMap((ofKey) => ofKey[turn] ?? [])
    const outcomes = await Promise.allSettled(wave.map((row) => publisher.publish(row.topic, row)))
    const failed = new Set<string>()
    for (const [index, row] of wave.entries()) {
      const outcome = outcomes[index]
      if (outcome?.status !== 'rejected') published.push(row.id)
      else if (outcome.reason instanceof Invalid) {
        logger.error({ err: outcome.reason, row: row.id, topic: row.topic }, 'the broker refused')
        await refuseRow(database, row.id, outcome.reason.message)
      } else {
        away ??= outcome.reason
        failed.add(row.key)
      }
    }
    waiting = waiting.filter((ofKey) => ofKey.length > turn + 1 && !failed.has(ofKey[0]?.key ?? ''))
  }
  return { published, away }
}

const every = (ms: number) => {
  let next = 0
  return {
    due() {
      if (performance.now() < next) return false
      next = performance.now() + ms
      return true
    },
  }
}
