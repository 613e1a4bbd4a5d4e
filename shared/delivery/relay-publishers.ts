import type { Broker, Publisher } from '../messaging/port.ts'
import { outboxShares, type OutboxRow } from './outbox.ts'

/** What a relay publishes with, from one beginning to the next. */
export interface RelayPublishers {
  readonly fencedTopics: readonly string[]
  /** How many partitions the fenced topics have; the greatest common divisor where they differ. */
  readonly spread: number
  /**
   * From now on nobody else can publish to this fenced topic what belongs to these shares. Call it
   * before reading what is to be published there.
   */
  hold(topic: string, shares: readonly number[]): Promise<void>
  publish(row: OutboxRow): Promise<string>
  close(): Promise<void>
}

/** What a relay needs of a broker; `stats` only for topics that are to be fenced. */
export type RelayBroker = Pick<Broker, 'publisher'> & Partial<Pick<Broker, 'stats'>>

/**
 * Fenced topics are written to through a publisher of their own, which keeps out whoever held a share
 * before, a stopped process that wakes up among them. Everything else goes through an ordinary one.
 */
export const relayPublishers = async (
  broker: RelayBroker,
  fencedTopics: readonly string[],
): Promise<RelayPublishers> => {
  const stats = await Promise.all(fencedTopics.map((topic) => broker.stats?.(topic)))
  const partitions = new Map(stats.flatMap((s) => (s ? [[s.topic, s.partitions] as const] : [])))
  const spread = spreadOf([...partitions.values()])
  const ordinary = broker.publisher()
  const fenced = fencedTopics.length > 0 ? broker.publisher({ fenced: true }) : ordinary
  const isFenced = new Set(fencedTopics)
  return {
    fencedTopics,
    spread,
    async hold(topic, shares) {
      const all = Array.from({ length: partitions.get(topic) ?? 0 }, (_, partition) => partition)
      const wanted = all.filter((partition) => shares.includes((partition % spread) % outboxShares))
      await fenced.hold?.(topic, wanted)
    },
    publish: (row) => (isFenced.has(row.topic) ? fenced : ordinary).publish(row.topic, row),
    async close() {
      await Promise.all([...new Set<Publisher>([ordinary, fenced])].map((one) => one.close()))
    },
  }
}

/** By this number whatever goes to one partition of any of the topics is in one share. */
const spreadOf = (counts: readonly number[]): number =>
  counts.length === 0 ? outboxShares : Math.max(1, counts.reduce(greatestCommonDivisor))

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b)
