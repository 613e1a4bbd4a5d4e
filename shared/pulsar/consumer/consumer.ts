import { PulsarError } from '../errors.ts'
import type { MessageId } from '../message-id.ts'
import type { Message } from './message.ts'
import { ReceiveQueue } from './receive-queue.ts'
import type { TopicConsumer } from './topic-consumer.ts'

/** Receives from one topic or many, with partitions or without. Made by `Client.subscribe`. */
export class Consumer implements AsyncDisposable {
  readonly subscription: string
  readonly #queue: ReceiveQueue
  readonly #parts = new Map<number, TopicConsumer>()
  readonly #onClosed: (consumer: Consumer) => void

  constructor(subscription: string, onClosed: (consumer: Consumer) => void) {
    this.subscription = subscription
    this.#onClosed = onClosed
    this.#queue = new ReceiveQueue((message) =>
      this.#parts.get(message.origin.consumerId)?.taken(message),
    )
  }

  /** For who makes consumers: what arrives for a part goes into this queue. */
  get queue(): ReceiveQueue {
    return this.#queue
  }

  /** For who makes consumers. */
  add(consumerId: number, part: TopicConsumer): void {
    this.#parts.set(consumerId, part)
  }

  get isConnected(): boolean {
    return [...this.#parts.values()].every((part) => part.connected)
  }

  /**
   * The next message; waits for one, at most `timeoutMs` when given.
   * Rejects with `PulsarError` `timeout`, `closed`, or why the broker ended the consumer.
   */
  receive(timeoutMs?: number): Promise<Message> {
    const next = this.#queue.next(timeoutMs)
    if (this.#queue.waiting > 0) for (const part of this.#parts.values()) part.wanted()
    return next
  }

  /** At least one message and at most `max`; what is there, without waiting for more. */
  async batchReceive(max: number, timeoutMs?: number): Promise<readonly Message[]> {
    const messages = [await this.receive(timeoutMs)]
    while (messages.length < max) {
      const message = this.#queue.take()
      if (!message) break
      messages.push(message)
    }
    return messages
  }

  /**
   * Resolves when the broker has noted it; within a batch without batch index acknowledgements when
   * the message is marked, as the broker is told with the last of the batch. Rejects when the
   * message comes again, whatever was done with it.
   */
  acknowledge(message: Message): Promise<void> {
    const part = this.#parts.get(message.origin.consumerId)
    return part ? part.acknowledge(message) : Promise.reject(notOurs())
  }

  /** Acknowledges all messages of its partition up to and with this one. Not for shared types. */
  async acknowledgeCumulative(message: Message): Promise<void> {
    await this.#partOf(message).acknowledgeUpTo(message)
  }

  /** Has the message delivered again after the time set, and with it what shares its batch. */
  negativeAcknowledge(message: Message): void {
    this.#partOf(message).refuse(message)
  }

  /** Goes on with the message of that id, which is delivered too. For one partition only. */
  async seek(id: MessageId): Promise<void> {
    const [only] = this.#parts.values()
    if (!only || this.#parts.size > 1)
      throw new PulsarError('invalid-argument', 'A message id is of one partition; seek by time.')
    await only.seek({ id })
  }

  /** Goes on with the first message published at or after that time, in ms since 1970. */
  async seekTimestamp(timestamp: number): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => part.seek({ timestamp })))
  }

  /** The last message stored in each partition, in no order. */
  getLastMessageIds(): Promise<readonly MessageId[]> {
    return Promise.all([...this.#parts.values()].map((part) => part.lastMessageId()))
  }

  /** Deletes the subscription with what it has not acknowledged. This consumer is closed then. */
  async unsubscribe(): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => part.unsubscribe()))
    this.end(new PulsarError('closed', 'The consumer has unsubscribed.'))
  }

  /** Waits for the receipts of what was acknowledged. A second call does nothing more. */
  async close(): Promise<void> {
    this.#queue.end(new PulsarError('closed', 'The consumer is closed.'))
    await Promise.all([...this.#parts.values()].map((part) => part.close()))
    this.#onClosed(this)
  }

  /** Whoever waits hears why; nothing is received any more. */
  end(reason: PulsarError): void {
    this.#queue.end(reason)
    this.#onClosed(this)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Messages until the consumer is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    for (;;) {
      try {
        yield await this.receive()
      } catch (thrown) {
        if (thrown instanceof PulsarError && thrown.code === 'closed') return
        throw thrown
      }
    }
  }

  #partOf({ origin }: Message): TopicConsumer {
    const part = this.#parts.get(origin.consumerId)
    if (part) return part
    throw notOurs()
  }
}

const notOurs = () => new PulsarError('invalid-argument', 'The message is of another consumer.')
