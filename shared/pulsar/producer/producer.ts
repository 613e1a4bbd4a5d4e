import { PulsarError } from '../errors.ts'
import type { Codec } from '../schema/codec.ts'
import { type AnyMessage, toMessage } from '../schema/value-message.ts'
import type { MessageRouter, ProducerStats, SendResult } from './options.ts'
import { route } from './routing.ts'
import type { TopicProducer } from './topic-producer.ts'

/** What a producer is made of; see `openProducer`. */
export interface ProducerParts<T> {
  readonly topic: string
  readonly parts: readonly TopicProducer[]
  readonly router: MessageRouter
  readonly codec: Codec<T> | undefined
  /** Nothing may be added from now on. */
  readonly onClosing: () => void
  readonly onClosed: (producer: AsyncDisposable) => void
}

/** Publishes to one topic, with partitions or without. Made by `Client.createProducer`. */
export class Producer<T = Uint8Array> implements AsyncDisposable {
  readonly #made: ProducerParts<T>
  #parts: readonly TopicProducer[]

  constructor(made: ProducerParts<T>) {
    this.#made = made
    this.#parts = made.parts
  }

  getTopic(): string {
    return this.#made.topic
  }

  /** The name given, or the one the broker made up. */
  getProducerName(): string {
    return this.#parts[0]?.session.name ?? ''
  }

  /** The highest sequence id stored; of the partition that is furthest. -1 without any. */
  get lastSequenceId(): number {
    return Math.max(...this.#parts.map((part) => part.lastSequenceId))
  }

  /** The epoch of exclusive access; undefined when access is shared. */
  get topicEpoch(): number | undefined {
    return this.#parts[0]?.session.topicEpoch
  }

  /** Whether every partition has a broker now. Without one, what is sent waits for it. */
  isConnected(): boolean {
    return this.#parts.every((part) => part.session.connected)
  }

  /** What became of the messages of all partitions so far. */
  stats(): ProducerStats {
    const sum = { pending: 0, sent: 0, failed: 0 }
    for (const { stats } of this.#parts) {
      sum.pending += stats.pending
      sum.sent += stats.sent
      sum.failed += stats.failed
    }
    return sum
  }

  /**
   * Resolves when the broker has stored the message. Order is kept for one key, and for a topic
   * without partitions. Rejects with `PulsarError`: `timeout` and `closed` (it may be stored all the
   * same), `invalid-argument` (a value that does not fit the schema, a router that picks nothing),
   * `queue-full`, `message-too-big`, `sequence-not-ascending`, `producer-fenced`.
   */
  send(given: AnyMessage<T>): Promise<SendResult> {
    try {
      const message = 'data' in given ? given : toMessage(this.#made.codec, given)
      const [only] = this.#parts
      if (only && this.#parts.length === 1) return only.send(message)
      const part = this.#parts[route(this.#made.router, message, this.#parts.length)]
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

  /**
   * Flushes first, for the time of an operation at most; what is not stored by then fails with
   * `closed`. A second call does nothing more.
   */
  async close(): Promise<void> {
    this.#made.onClosing()
    try {
      await Promise.all(this.#parts.map((part) => part.close()))
    } finally {
      this.#made.onClosed(this)
    }
  }

  /** For who makes producers: partitions the topic has got since. */
  add(parts: readonly TopicProducer[]): void {
    this.#parts = [...this.#parts, ...parts]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
