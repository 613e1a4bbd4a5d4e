import { PulsarError } from '../errors.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'
import { watchPartitions } from '../lookup/partition-watch.ts'
import { patiently } from '../lookup/patience.ts'
import { type TopicPart, topicsOf } from '../lookup/topic-lookup.ts'
import { fullTopicName } from '../lookup/topic-name.ts'
import type { SchemaRegistry } from '../schema/schema-registry.ts'
import { type ProducerOptions, type ProducerSettings, withDefaults } from './options.ts'
import { Producer } from './producer.ts'
import { routerFor } from './routing.ts'
import { TopicProducer } from './topic-producer.ts'

export interface ProducerContext {
  readonly pool: ConnectionPool
  readonly nextProducerId: () => number
  readonly operationTimeoutMs: number
  /** How often a partitioned topic is asked for new partitions, in ms; 0 never. */
  readonly partitionsUpdateMs: number
  readonly schemas: SchemaRegistry
  readonly onClosed: (producer: AsyncDisposable) => void
}

/**
 * Creates a producer for every partition of the topic, and for those it gets later.
 * @throws PulsarError as the broker answers; what was created by then is closed again
 */
export const openProducer = async <T>(
  context: ProducerContext,
  options: ProducerOptions<T>,
): Promise<Producer<T>> => {
  const { pool, operationTimeoutMs } = context
  const topic = fullTopicName(options.topic)
  const codec = await options.schema?.open(() => context.schemas.latest(topic))
  const settings = checked(withDefaults(onceFenced(options), codec?.info))
  const found = await patiently((ms) => topicsOf(pool, topic, ms), operationTimeoutMs)
  const parts = await openParts(context, settings, found)
  const producer = new Producer<T>({
    topic,
    parts,
    router: routerFor(settings),
    codec,
    onClosing: () => stopWatching(),
    onClosed: context.onClosed,
  })
  const partitions = found.filter(({ partition }) => partition >= 0).length
  let closed = false
  const watch = watchPartitions({
    pool,
    topic,
    partitions,
    intervalMs: context.partitionsUpdateMs,
    onAdded: async (added) => {
      const more = await openParts(context, settings, added)
      if (closed) await Promise.all(more.map((part) => part.close()))
      else producer.add(more)
    },
  })
  const stopWatching = () => {
    closed = true
    watch()
  }
  return producer
}

/** All of them or none: when one cannot be had, the others are closed again. */
const openParts = async (
  { pool, nextProducerId, operationTimeoutMs }: ProducerContext,
  settings: ProducerSettings,
  found: readonly TopicPart[],
): Promise<readonly TopicProducer[]> => {
  const parts = found.map(
    ({ topic, partition }) =>
      new TopicProducer({
        pool,
        topic,
        partition,
        producerId: nextProducerId(),
        settings,
        operationTimeoutMs,
      }),
  )
  const opened = await openAll(parts, settings)
  const failed = opened.find((outcome) => outcome.status === 'rejected')
  if (!failed) return parts
  await Promise.allSettled(parts.map((part) => part.close()))
  throw failed.reason
}

/**
 * Exclusive access is taken to the first partition before the others: two producers that wait for
 * their turn would otherwise each get some of the partitions, and wait for each other for ever.
 */
const openAll = async (
  parts: readonly TopicProducer[],
  { accessMode = 'Shared' }: ProducerSettings,
) => {
  const open = (some: readonly TopicProducer[]) =>
    Promise.allSettled(some.map((part) => part.open()))
  if (accessMode === 'Shared') return open(parts)
  const first = await open(parts.slice(0, 1))
  return first.some(({ status }) => status === 'rejected') ? first : open(parts.slice(1))
}

/** Each partition of a topic can be fenced; who asked hears it once. */
const onceFenced = <T>(options: ProducerOptions<T>): ProducerOptions<T> => {
  const { onFenced } = options
  let told = false
  const once = () => {
    if (!told) onFenced?.()
    told = true
  }
  return onFenced ? { ...options, onFenced: once } : options
}

const checked = (settings: ProducerSettings): ProducerSettings => {
  if (settings.chunkingEnabled && settings.batchingEnabled)
    throw new PulsarError(
      'invalid-argument',
      'Chunking and batching exclude each other; set batchingEnabled to false.',
    )
  if (settings.messageRoutingMode === 'CustomPartition' && !settings.messageRouter)
    throw new PulsarError('invalid-argument', 'CustomPartition needs a messageRouter.')
  return settings
}
