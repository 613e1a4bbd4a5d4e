import { PulsarError } from '../errors.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'
import { watchPartitions } from '../lookup/partition-watch.ts'
import { type TopicPart, topicsOf } from '../lookup/topic-lookup.ts'
import { fullTopicName } from '../lookup/topic-name.ts'
import { watchNamespace } from './namespace-watch.ts'
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

interface Watching extends Wanted {
  readonly partitionsUpdateMs: number
  readonly operationTimeoutMs: number
  /** An id no other watcher of this client has. */
  readonly nextWatcherId: () => number
}

/** Tells what changes from now on. Returns what ends it. */
export const watchParts = (
  pool: ConnectionPool,
  watching: Watching,
  parts: readonly TopicPart[],
  changes: Changes,
): (() => void) => {
  const { topics, pattern, patternPeriodMs, operationTimeoutMs } = watching
  const { partitionsUpdateMs: intervalMs } = watching
  if (pattern) {
    const look = looker(async () => changes.found(await topicsLike(pool, pattern)))
    const { namespace } = pattern
    const end = watchNamespace({
      pool,
      namespace,
      watcherId: watching.nextWatcherId(),
      operationTimeoutMs,
      onChange: look,
    })
    const timer = patternPeriodMs > 0 ? setInterval(look, patternPeriodMs) : undefined
    timer?.unref?.()
    return () => {
      clearInterval(timer)
      end()
    }
  }
  const ends = topics.map((name) => {
    const topic = fullTopicName(name)
    const partitions = parts.filter((part) => part.topic.startsWith(`${topic}-partition-`)).length
    return watchPartitions({ pool, topic, partitions, intervalMs, onAdded: changes.added })
  })
  return () => {
    for (const end of ends) end()
  }
}

/** Looks when it is told to, once at a time, and once more when it was told meanwhile. */
const looker = (look: () => Promise<void>): (() => void) => {
  let looking = false
  let again = false
  const run = async () => {
    looking = true
    do {
      again = false
      // A broker that cannot be asked now is asked again; the consumers on it report its absence.
      await look().catch(() => undefined)
    } while (again)
    looking = false
  }
  return () => {
    again = true
    if (!looking) void run()
  }
}
