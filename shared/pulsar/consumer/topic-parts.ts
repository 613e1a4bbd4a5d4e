import { PulsarError } from '../errors.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'
import { watchPartitions } from '../lookup/partition-watch.ts'
import { type TopicPart, topicsOf } from '../lookup/topic-lookup.ts'
import { fullTopicName } from '../lookup/topic-name.ts'
import { type TopicPattern, topicsLike } from './topic-pattern.ts'

/** Which topics a consumer is for, and how often it is looked whether they are more. */
export interface Wanted {
  readonly topics: readonly string[]
  readonly pattern: TopicPattern | undefined
  /** ms between two looks for what fits the pattern; 0 never. */
  readonly patternPeriodMs: number
}

export interface Changes {
  /** Rejects when they could not be had; they are offered again then. */
  added(parts: readonly TopicPart[]): Promise<void>
  /** All there is; what is not among them has been deleted. Only for patterns. */
  found(parts: readonly TopicPart[]): Promise<void>
}

/**
 * The topics to consume now, by name.
 * @throws PulsarError `invalid-argument` when none is named
 */
export const partsOf = async (
  pool: ConnectionPool,
  { topics, pattern }: Wanted,
): Promise<readonly TopicPart[]> => {
  if (pattern) return topicsLike(pool, pattern)
  if (topics.length === 0)
    throw new PulsarError('invalid-argument', 'Name a topic, or topics, to subscribe to.')
  const names = [...new Set(topics.map(fullTopicName))]
  return (await Promise.all(names.map((name) => topicsOf(pool, name)))).flat()
}

/** Tells what changes from now on. Returns what ends it. */
export const watchParts = (
  pool: ConnectionPool,
  wanted: Wanted & { readonly partitionsUpdateMs: number },
  parts: readonly TopicPart[],
  changes: Changes,
): (() => void) => {
  const { pattern, patternPeriodMs, partitionsUpdateMs: intervalMs } = wanted
  if (pattern)
    return watchPattern(patternPeriodMs, async () => changes.found(await topicsLike(pool, pattern)))
  const ends = wanted.topics.map((name) => {
    const topic = fullTopicName(name)
    const partitions = parts.filter((part) => part.topic.startsWith(`${topic}-partition-`)).length
    return watchPartitions({ pool, topic, partitions, intervalMs, onAdded: changes.added })
  })
  return () => {
    for (const end of ends) end()
  }
}

const watchPattern = (periodMs: number, look: () => Promise<void>): (() => void) => {
  if (periodMs === 0) return () => undefined
  let looking = false
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    // A broker that cannot be asked now is asked again; the consumers on it report its absence.
    void look()
      .catch(() => undefined)
      .finally(() => (looking = false))
  }, periodMs)
  timer.unref?.()
  return () => clearInterval(timer)
}
