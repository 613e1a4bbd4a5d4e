import type { ConnectionPool } from './connection-pool.ts'
import { type TopicPart, topicsOf } from './topic-lookup.ts'

export interface WatchedTopic {
  readonly pool: ConnectionPool
  readonly topic: string
  /** How many partitions are known; 0 for a topic without any, which is not watched: it gets none. */
  readonly partitions: number
  /** How often the broker is asked, in ms; 0 never. */
  readonly intervalMs: number
  /** Takes the partitions that were added. Asked again with the same ones when this rejects. */
  onAdded(added: readonly TopicPart[]): Promise<void>
}

/**
 * Asks the broker now and then whether a topic has got more partitions; they never get fewer.
 * Returns what ends it.
 */
export const watchPartitions = (watched: WatchedTopic): (() => void) => {
  const { pool, topic, intervalMs, onAdded } = watched
  let known = watched.partitions
  if (known === 0 || intervalMs === 0) return () => undefined
  let asking = false
  const ask = async () => {
    const parts = await topicsOf(pool, topic)
    if (stopped || parts.length <= known) return
    await onAdded(parts.slice(known))
    known = parts.length
  }
  let stopped = false
  const timer = setInterval(() => {
    if (asking) return
    asking = true
    // A broker that cannot be asked now is asked again; who lives on it reports its absence.
    void ask()
      .catch(() => undefined)
      .finally(() => (asking = false))
  }, intervalMs)
  timer.unref?.()
  return () => {
    stopped = true
    clearInterval(timer)
  }
}
