import type { ConnectionPool } from '../lookup/connection-pool.ts'
import { PulsarError } from '../errors.ts'
import { fullTopicName } from '../lookup/topic-name.ts'
import { topicsOf } from '../lookup/topic-lookup.ts'
import {
  type MessageRouter,
  type ProducerMessage,
  type ProducerOptions,
  type ProducerSettings,
  type SendResult,
  withDefaults,
} from './options.ts'
import { defaultRouter, route } from './routing.ts'
import { TopicProducer } from './topic-producer.ts'

export interface ProducerContext {
  readonly pool: ConnectionPool
  readonly nextProducerId: () => number
  readonly operationTimeoutMs: number
  readonly onClosed: (producer: Producer) => void
}

/** Publishes to one topic, with partitions or without. Made by `Client.createProducer`. */
export class Producer implements AsyncDisposable {
  readonly topic: string
  readonly #parts: readonly TopicProducer[]
  readonly #router: MessageRouter
  readonly #onClosed: (producer: Producer) => void

  constructor(
    topic: string,
    parts: readonly TopicProducer[],
    router: MessageRouter,
    onClosed: (producer: Producer) => void,
  ) {
    this.topic = topic
    this.#parts = parts
    this.#router = router
    this.#onClosed = onClosed
  }

  /** The name given, or the one the broker made up. */
  get producerName(): string {
    return this.#parts[0]?.name ?? ''
  }

  /** The highest sequence id stored; of the partition that is furthest. -1 without any. */
  get lastSequenceId(): number {
    return Math.max(...this.#parts.map((part) => part.lastSequenceId))
  }

  /** The epoch of exclusive access; undefined when access is shared. */
  get topicEpoch(): number | undefined {
    return this.#parts[0]?.topicEpoch
  }

  get isConnected(): boolean {
    return this.#parts.every((part) => part.connected)
  }

  /**
   * Resolves when the broker has stored the message. Order is kept for one key, and for a topic
   * without partitions. Rejects with `PulsarError`: `timeout` (it may be stored all the same),
   * `queue-full`, `message-too-big`, `sequence-not-ascending`, `producer-fenced`, `closed`.
   */
  send(message: ProducerMessage): Promise<SendResult> {
    const [only] = this.#parts
    if (only && this.#parts.length === 1) return only.send(message)
    try {
      const part = this.#parts[route(this.#router, message, this.#parts.length)]
      if (part) return part.send(message)
    } catch (thrown) {
      return Promise.reject(thrown)
    }
    return Promise.reject(new PulsarError('closed', 'The producer has no partitions.'))
  }

  /** Waits until everything sent so far is stored or has failed. */
  async flush(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.flush()))
  }

  /** Flushes first; a second call does nothing more. */
  async close(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.close()))
    this.#onClosed(this)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/**
 * Creates a producer for every partition of the topic.
 * @throws PulsarError as the broker answers; what was created by then is closed again
 */
export const openProducer = async (
  context: ProducerContext,
  options: ProducerOptions,
): Promise<Producer> => {
  const settings = checked(withDefaults(options))
  const topic = fullTopicName(settings.topic)
  const parts = await makeParts(context, settings, topic)
  const opened = await Promise.allSettled(parts.map((part) => part.open()))
  const failed = opened.find((outcome) => outcome.status === 'rejected')
  if (failed) {
    await Promise.allSettled(parts.map((part) => part.close()))
    throw failed.reason
  }
  const router = settings.messageRouter ?? defaultRouter(settings.hashingScheme)
  return new Producer(topic, parts, router, context.onClosed)
}

const makeParts = async (context: ProducerContext, settings: ProducerSettings, name: string) => {
  const { pool, nextProducerId, operationTimeoutMs } = context
  return (await topicsOf(pool, name)).map(
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
}

const checked = (settings: ProducerSettings): ProducerSettings => {
  const wrong = settings.chunkingEnabled && settings.batchingEnabled
  if (!wrong) return settings
  const message = 'Chunking and batching exclude each other; set batchingEnabled to false.'
  throw new PulsarError('invalid-argument', message)
}
