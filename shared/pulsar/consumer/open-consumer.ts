import { PulsarError } from '../errors.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'
import { topicsOf } from '../lookup/topic-lookup.ts'
import { fullTopicName } from '../lookup/topic-name.ts'
import { Consumer } from './consumer.ts'
import type { ConsumerSettings } from './options.ts'
import { TopicConsumer } from './topic-consumer.ts'

export interface ConsumerContext {
  readonly pool: ConnectionPool
  readonly nextConsumerId: () => number
  readonly operationTimeoutMs: number
  readonly onClosed: (consumer: Consumer) => void
}

/**
 * Subscribes to every partition of every topic.
 * @throws PulsarError as the broker answers; what was subscribed by then is closed again
 */
export const openConsumer = async (
  context: ConsumerContext,
  topics: readonly string[],
  settings: ConsumerSettings,
): Promise<Consumer> => {
  const { pool, operationTimeoutMs } = context
  if (topics.length === 0)
    throw new PulsarError('invalid-argument', 'Name a topic, or topics, to subscribe to.')
  const names = [...new Set(topics.map(fullTopicName))]
  const parts = (await Promise.all(names.map((name) => topicsOf(pool, name)))).flat()
  const consumer = new Consumer(settings.subscription, context.onClosed)
  const consumers = parts.map(({ topic, partition }) => {
    const consumerId = context.nextConsumerId()
    const part = new TopicConsumer({
      pool,
      topic,
      partition,
      consumerId,
      settings: { ...settings, receiverQueueSize: queueSize(settings, parts.length) },
      operationTimeoutMs,
      queue: consumer.queue,
      onEnded: (reason) => consumer.end(reason),
    })
    consumer.add(consumerId, part)
    return part
  })
  const opened = await Promise.allSettled(consumers.map((part) => part.open()))
  const failed = opened.find((outcome) => outcome.status === 'rejected')
  if (!failed) return consumer
  await Promise.allSettled(consumers.map((part) => part.close()))
  throw failed.reason
}

/** Fetching nothing ahead would ask every partition for a message when one is wanted. */
const queueSize = ({ receiverQueueSize }: ConsumerSettings, parts: number): number =>
  parts > 1 ? Math.max(receiverQueueSize, 1) : receiverQueueSize
