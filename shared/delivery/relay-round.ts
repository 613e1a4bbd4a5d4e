import { Invalid } from '../kernel/fates.ts'
import { newId } from '../kernel/ids.ts'
import {
  advanceOutbox,
  outboxDepth,
  type OutboxRow,
  outboxShares,
  refuseRow,
  restingName,
} from './outbox.ts'
import { isFenced, type Published, publishRows } from './publish-rows.ts'
import { shareLease } from './relay-lease.ts'
import { relayPublishers, type RelayPublishers } from './relay-publishers.ts'
import type { RelayRests } from './relay-rests.ts'
import type { RelayOptions } from './relay.ts'

/** The relay's work, without its waiting. */
export interface RelayRound {
  /**
   * Publishes what is there, one batch at most. Answers whether there may be more at once. Throws what
   * the database throws, or a `Transient` slug `fenced`: then this round is over for good.
   */
  run(): Promise<boolean>
  /** Deletes what was published and gives the shares back. */
  close(): Promise<void>
}

const depthEveryMs = 15_000

/** One term of a relay, from taking shares to giving them back. */
export const relayRound = async (options: RelayOptions, rests: RelayRests): Promise<RelayRound> => {
  const { database, broker, metrics, leaseMs = 3000, atMost = 500 } = batchOf(options)
  const publishers = await relayPublishers(broker, options.fenced ?? [])
  const lease = shareLease(database, newId(), leaseMs, Math.min(outboxShares, publishers.spread))
  const renewing = every(leaseMs / 2)
  const measuring = every(depthEveryMs)
  let shares: readonly number[] = []
  const published: string[] = []
  let fenced: unknown

  const renew = async () => {
    const now = await lease.renew()
    if (now.join() === shares.join()) return
    await holdAll(publishers, now, rests)
    shares = now
  }
  const settle = async ({ stored, refused, failed }: Published) => {
    published.push(...stored)
    for (const { row, reason } of refused) await refuse(options, row, reason)
    fenced ??= failed.find(({ error }) => isFenced(error))?.error
    if (fenced) return
    for (const { row, error } of firstOfEach(failed))
      rests.add(row.topic, [restingName(row)], error, () => again(row))
  }
  // The first of its share and topic, read while they were held: nothing may go before it.
  const again = async (row: OutboxRow) => {
    try {
      await publishers.publish(row)
      published.push(row.id)
    } catch (error) {
      if (isFenced(error)) fenced ??= error
      if (!(error instanceof Invalid)) throw error
      await refuse(options, row, error)
    }
  }

  return {
    async run() {
      if (renewing.due()) await renew()
      if (metrics && measuring.due()) metrics.outboxDepth(await outboxDepth(database))
      if (shares.length === 0) return false
      const wanted = { shares, spread: publishers.spread, resting: rests.names, atMost }
      const done = [...published]
      const rows = await advanceOutbox(database, done, wanted)
      published.splice(0, done.length)
      // Many of one key, one at a time, take longer than a lease.
      const goOn = () => !renewing.isDue
      const outcome = await publishRows((row) => publishers.publish(row), rows, goOn)
      await settle(outcome)
      metrics?.relayed(outcome.stored.length)
      if (fenced) throw fenced
      return rows.length > 0
    },
    async close() {
      rests.clear()
      const nothing = { shares: [], spread: 1, resting: [], atMost: 0 }
      const ended = await Promise.allSettled([
        advanceOutbox(database, published, nothing).then(() => lease.release()),
        publishers.close(),
      ])
      for (const end of ended) if (end.status === 'rejected') throw end.reason
    },
  }
}

const batchOf = ({ batchSize, ...rest }: RelayOptions) => ({
  ...rest,
  ...(batchSize === undefined ? {} : { atMost: batchSize }),
})

/** A topic that cannot be held is passed over as a whole; the others are none the worse for it. */
const holdAll = async (
  publishers: RelayPublishers,
  shares: readonly number[],
  rests: RelayRests,
): Promise<void> => {
  // What rested was read under the shares of before.
  rests.clear()
  const everyShare = Array.from({ length: outboxShares }, (_, share) => share)
  await Promise.all(
    publishers.fencedTopics.map(async (topic) => {
      const hold = () => publishers.hold(topic, shares)
      await hold().catch((error: unknown) => {
        const names = everyShare.map((share) => restingName({ share, topic }))
        rests.add(topic, names, error, hold)
      })
    }),
  )
}

const firstOfEach = (failed: Published['failed']): Published['failed'] => {
  const first = new Map<string, Published['failed'][number]>()
  for (const one of failed)
    if (!first.has(restingName(one.row))) first.set(restingName(one.row), one)
  return [...first.values()]
}

const refuse = async (
  { database, logger }: RelayOptions,
  row: OutboxRow,
  reason: Invalid,
): Promise<void> => {
  logger.error({ err: reason, row: row.id, topic: row.topic }, 'the broker refused')
  await refuseRow(database, row.id, reason.message)
}

const every = (ms: number) => {
  let next = 0
  return {
    get isDue() {
      return performance.now() >= next
    },
    due() {
      if (!this.isDue) return false
      next = performance.now() + ms
      return true
    },
  }
}
