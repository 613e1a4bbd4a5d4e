import { asPulsarError, PulsarError } from '../errors.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'
import type { TopicPart } from '../lookup/topic-lookup.ts'
import { fullTopicName } from '../lookup/topic-name.ts'
import { earliest } from '../message-id.ts'
import type { Codec } from '../schema/codec.ts'
import type { SchemaRegistry } from '../schema/schema-registry.ts'
import { valueReader } from '../schema/value-reader.ts'
import { Consumer } from './consumer.ts'
import { type CreateProducer, Letters } from './letters.ts'
import type { ConsumerSettings, Opening } from './settings.ts'
import { TopicConsumer } from './topic-consumer.ts'
import { partsOf, type Wanted, watchParts } from './topic-parts.ts'

export interface OpenContext {
  readonly pool: ConnectionPool
  readonly nextConsumerId: () => number
  readonly operationTimeoutMs: number
  /** How often it is looked for new partitions, in ms; 0 never. */
  readonly partitionsUpdateMs: number
  readonly schemas: SchemaRegistry
  readonly createProducer: CreateProducer
  readonly onClosed: (consumer: AsyncDisposable) => void
}

/**
 * Subscribes to every partition of every topic, and to those that come later.
 * @throws PulsarError as the broker answers; what was subscribed by then is closed again
 */
export const openConsumer = async <T>(
  context: OpenContext,
  opening: Opening<T>,
): Promise<Consumer<T>> => {
  const { settings, batchReceivePolicy } = opening
  const { pool, schemas, onClosed } = context
  const [first] = opening.wanted.topics.map(fullTopicName)
  const schemaOf = (topic: string, version: number) => schemas.version(topic, version)
  const letters = new Letters({ ...context, schemaOf }, settings, first)
  const wanted = withRetryTopic(opening.wanted, letters.retryTopic)
  const codec = await settings.schema?.open(async () => (first ? schemas.latest(first) : undefined))
  const parts = await partsOf(pool, wanted)
  checkStart(settings, parts)
  const { subscription } = settings
  const consumer = new Consumer<T>({ subscription, batchReceivePolicy, letters, onClosed })
  const join = joiner(context, consumer, codec, letters)
  try {
    await join(parts, settings)
  } catch (thrown) {
    await consumer.close()
    throw thrown
  }
  follow(context, wanted, parts, consumer, (added) => join(added, fromTheStart(settings)))
  return consumer
}

const withRetryTopic = (wanted: Wanted, retryTopic: string | undefined): Wanted =>
  retryTopic === undefined ? wanted : { ...wanted, topics: [...wanted.topics, retryTopic] }

/** Whatever is on a topic that came later has not been seen. */
const fromTheStart = <T>(settings: ConsumerSettings<T>): ConsumerSettings<T> => ({
  ...settings,
  initialPosition: 'Earliest',
  start: settings.start && { ...settings.start, id: earliest, inclusive: true },
})

const checkStart = ({ start }: ConsumerSettings, parts: readonly TopicPart[]): void => {
  if (!start || parts.length < 2 || start.id.ledgerId < 0 || start.id.ledgerId >= 2 ** 62) return
  const message = 'A message id is of one partition; read all of them from earliest or latest.'
  throw new PulsarError('invalid-argument', message)
}

/** Returns what adds topics to a consumer; it rejects when one cannot be had, and has none then. */
const joiner =
  <T>(context: OpenContext, consumer: Consumer<T>, codec: Codec<T> | undefined, letters: Letters) =>
  async (parts: readonly TopicPart[], settings: ConsumerSettings<T>): Promise<void> => {
    // What was found while the consumer closed.
    if (consumer.parts.closed) return
    const { pool, operationTimeoutMs, schemas } = context
    const count = parts.length + consumer.parts.size
    const many = count > 1 || !settings.createTopic
    const made = parts.map(({ topic, partition }) => {
      const consumerId = context.nextConsumerId()
      const part: TopicConsumer = new TopicConsumer({
        pool,
        topic,
        partition,
        consumerId,
        settings: {
          ...settings,
          receiverQueueSize: many ? shareOf(settings, count) : settings.receiverQueueSize,
          receiverQueueBytes: settings.receiverQueueBytes / count,
          schemaInfo: codec?.info,
        },
        operationTimeoutMs,
        queue: consumer.queue,
        values: codec && valueReader(codec, (version) => schemas.version(topic, version)),
        bury: settings.deadLetterPolicy && ((message) => letters.bury(message)),
        onEnded: (reason) => {
          const deleted = reason.code === 'topic-not-found' && !settings.createTopic
          if (deleted) consumer.parts.dropQuietly(part)
          else consumer.end(reason)
        },
      })
      consumer.parts.add(part)
      return { part, opened: part.open() }
    })
    const opened = await Promise.allSettled(made.map((one) => one.opened))
    const failed = opened.find((outcome) => outcome.status === 'rejected')
    if (!failed) return
    await Promise.allSettled(made.map(({ part }) => consumer.parts.drop(part)))
    throw asPulsarError(failed.reason)
  }

/** Fetching nothing ahead would ask every topic for a message when one is wanted. */
const shareOf = (settings: ConsumerSettings, count: number): number => {
  const share = Math.floor(settings.receiverQueueSizeOfAll / count)
  return Math.max(Math.min(settings.receiverQueueSize, share), 1)
}

const follow = <T>(
  { pool, partitionsUpdateMs, operationTimeoutMs, nextConsumerId }: OpenContext,
  wanted: Wanted,
  parts: readonly TopicPart[],
  consumer: Consumer<T>,
  join: (added: readonly TopicPart[]) => Promise<void>,
): void => {
  const watching = { partitionsUpdateMs, operationTimeoutMs, nextWatcherId: nextConsumerId }
  const stop = watchParts(pool, { ...wanted, ...watching }, parts, {
    added: join,
    found: async (now) => {
      const names = new Set(now.map(({ topic }) => topic))
      const gone = consumer.parts.all.filter(({ topic }) => !names.has(topic))
      await Promise.all(gone.map((part) => consumer.parts.drop(part)))
      const known = new Set(consumer.topics)
      const fresh = now.filter(({ topic }) => !known.has(topic))
      // One that cannot be had must not keep the others away; it is found again.
      await Promise.allSettled(fresh.map((part) => join([part])))
    },
  })
  consumer.whenClosed(stop)
}
