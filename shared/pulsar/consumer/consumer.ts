import { PulsarError } from '../errors.ts'
import type { MessageId } from '../message-id.ts'
import { batchReceive, receiveUpTo } from './batch-receive.ts'
import type { Letters } from './letters.ts'
import { Message } from './message.ts'
import type { BatchReceivePolicy } from './options.ts'
import { ReceiveQueue } from './receive-queue.ts'
import { seekAll } from './seek.ts'
import type { TopicConsumer } from './topic-consumer.ts'

/** Of messages since the consumer was opened. */
export interface ConsumerStats {
  /** Handed to the application, repetitions included. */
  readonly received: number
  readonly acknowledged: number
  readonly negativelyAcknowledged: number
  /** Fetched ahead and not received yet. */
  readonly queued: number
}

export interface ConsumerContext {
  readonly subscription: string
  readonly batchReceivePolicy: BatchReceivePolicy
  readonly letters: Letters
  readonly onClosed: (consumer: AsyncDisposable) => void
}

/** Receives from one topic or many, with partitions or without. Made by `Client.subscribe`. */
export class Consumer<T = Uint8Array> implements AsyncDisposable {
  readonly subscription: string
  readonly #context: ConsumerContext
  readonly #queue: ReceiveQueue
  readonly #parts = new Map<number, TopicConsumer>()
  readonly #closeListeners: (() => void)[] = []
  #paused = false
  #received = 0
  #acknowledged = 0
  #refused = 0

  constructor(context: ConsumerContext) {
    this.subscription = context.subscription
    this.#context = context
    this.#queue = new ReceiveQueue((message) => {
      this.#received++
      this.#parts.get(message.origin.consumerId)?.taken(message)
    })
  }

  /** For who makes consumers: what arrives for a part goes into this queue. */
  get queue(): ReceiveQueue {
    return this.#queue
  }

  /** For who makes consumers. */
  get parts(): ReadonlyMap<number, TopicConsumer> {
    return this.#parts
  }

  /** For who makes consumers. */
  add(consumerId: number, part: TopicConsumer): void {
    this.#parts.set(consumerId, part)
    if (this.#paused) part.pause()
  }

  /** For who makes consumers: the topic is gone, or could not be had. */
  async drop(consumerId: number): Promise<void> {
    const part = this.#parts.get(consumerId)
    this.#parts.delete(consumerId)
    await part?.close()
  }

  /** For who makes consumers: called once when it closes or ends. */
  whenClosed(listener: () => void): void {
    this.#closeListeners.push(listener)
  }

  get isConnected(): boolean {
    return [...this.#parts.values()].every((part) => part.connected)
  }

  /** Every topic it consumes now; of a topic with partitions each. */
  get topics(): readonly string[] {
    return [...this.#parts.values()].map(({ topic }) => topic)
  }

  /** All topics were terminated, and the subscription has had all of them. */
  get hasReachedEndOfTopic(): boolean {
    return this.#parts.size > 0 && [...this.#parts.values()].every((part) => part.ended)
  }

  /**
   * The next message; waits for one, at most `timeoutMs` when given.
   * Rejects with `PulsarError` `timeout`, `closed`, or why the broker ended the consumer.
   */
  receive(timeoutMs?: number): Promise<Message<T>> {
    const next = this.#queue.next(timeoutMs)
    if (this.#queue.waiting > 0) for (const part of this.#parts.values()) part.wanted()
    return next as Promise<Message<T>>
  }

  /**
   * With a number: at least one message and at most so many; what is there, without waiting for more.
   * Rejects as `receive`. Otherwise a batch by the policy given here or to the consumer; it is empty
   * when the time of the policy is over.
   */
  async batchReceive(
    limit: number | BatchReceivePolicy = this.#context.batchReceivePolicy,
    timeoutMs?: number,
  ): Promise<readonly Message<T>[]> {
    const receive = (ms: number | undefined) => this.receive(ms)
    const batch =
      typeof limit === 'number'
        ? await receiveUpTo(limit, this.#queue, () => receive(timeoutMs))
        : await batchReceive(limit, this.#queue, receive)
    return batch as readonly Message<T>[]
  }

  /**
   * Resolves when the broker has noted it; within a batch without batch index acknowledgements when
   * the message is marked, as the broker is told with the last of the batch. Rejects when the
   * message comes again, whatever was done with it: `connection` when its connection has ended,
   * `timeout` without an answer, or as the broker answers.
   */
  acknowledge(message: Message): Promise<void> {
    const part = this.#parts.get(message.origin.consumerId)
    if (!part) return Promise.reject(notOurs())
    this.#acknowledged++
    return part.acknowledge(message)
  }

  /** Acknowledges all messages of its partition up to and with this one. Not for shared types. */
  async acknowledgeCumulative(message: Message): Promise<void> {
    await this.#partOf(message).acknowledgeUpTo(message)
    this.#acknowledged++
  }

  /**
   * Has the message delivered again after the time set, and with it what shares its batch. Exclusive
   * and Failover consumers get everything again that is not acknowledged.
   */
  negativeAcknowledge(message: Message): void {
    this.#partOf(message).refuse(message)
    this.#refused++
  }

  /**
   * Stores the message to be delivered again after `delayMs`, and acknowledges it; with the delivery
   * after the last the dead-letter policy allows it becomes a dead letter. Needs `retryEnable`.
   * Rejects when it could not be stored; then it is not acknowledged.
   */
  async reconsumeLater(message: Message, delayMs: number): Promise<void> {
    const { retryTopic } = this.#context.letters
    if (retryTopic === undefined)
      throw new PulsarError('invalid-argument', 'reconsumeLater needs retryEnable.')
    await this.#context.letters.putOff(message, retryTopic, delayMs)
    await this.acknowledge(message)
  }

  /** The broker is not asked for more; what was asked for still comes. */
  pause(): void {
    this.#paused = true
    for (const part of this.#parts.values()) part.pause()
  }

  resume(): void {
    this.#paused = false
    for (const part of this.#parts.values()) part.resume()
  }

  /**
   * Goes on with that message, which is delivered too, in its partition; or `earliest`, or `latest`,
   * everywhere. A bare id is refused where several topics could be meant.
   */
  async seek(target: MessageId | Message): Promise<void> {
    if (target instanceof Message) await this.#partOf(target).seek({ id: target.id })
    else await seekAll([...this.#parts.values()], target)
  }

  /** Goes on with the first message published at or after that time, in ms since 1970. */
  async seekTimestamp(timestamp: number): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => part.seek({ timestamp })))
  }

  /** The last message stored in each partition, in no order. */
  getLastMessageIds(): Promise<readonly MessageId[]> {
    return Promise.all([...this.#parts.values()].map((part) => part.lastMessageId()))
  }

  stats(): ConsumerStats {
    return {
      received: this.#received,
      acknowledged: this.#acknowledged,
      negativelyAcknowledged: this.#refused,
      queued: this.#queue.length,
    }
  }

  /** Deletes the subscription with what it has not acknowledged. This consumer is closed then. */
  async unsubscribe(): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => part.unsubscribe()))
    this.end(new PulsarError('closed', 'The consumer has unsubscribed.'))
  }

  /** Waits for the receipts of what was acknowledged. A second call does nothing more. */
  async close(): Promise<void> {
    this.#ending(new PulsarError('closed', 'The consumer is closed.'))
    await Promise.all([...this.#parts.values()].map((part) => part.close()))
    await this.#context.letters.close()
  }

  /** Whoever waits hears why; nothing is received any more. */
  end(reason: PulsarError): void {
    this.#ending(reason)
    // The other partitions must not hold messages that nobody will take.
    this.close().catch(() => undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Messages until the consumer is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message<T>, void, undefined> {
    for (;;) {
      try {
        yield await this.receive()
      } catch (thrown) {
        if (thrown instanceof PulsarError && thrown.code === 'closed') return
        throw thrown
      }
    }
  }

  #ending(reason: PulsarError): void {
    this.#queue.end(reason)
    for (const listener of this.#closeListeners.splice(0)) listener()
    this.#context.onClosed(this)
  }

  #partOf({ origin }: Message): TopicConsumer {
    const part = this.#parts.get(origin.consumerId)
    if (part) return part
    throw notOurs()
  }
}

const notOurs = () => new PulsarError('invalid-argument', 'The message is of another consumer.')
