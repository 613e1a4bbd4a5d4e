import { PulsarError } from '../errors.ts'
import type { MessageId } from '../message-id.ts'
import { batchReceive, receiveUpTo } from './batch-receive.ts'
import type { Letters } from './letters.ts'
import { Message } from './message.ts'
import type { BatchReceivePolicy, ConsumerStats } from './options.ts'
import { notOurs, Parts } from './parts.ts'
import { ReceiveQueue } from './receive-queue.ts'

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
  readonly #parts = new Parts()
  readonly #closeListeners: (() => void)[] = []
  #received = 0
  #acknowledged = 0
  #refused = 0
  #closing: Promise<void> | undefined

  constructor(context: ConsumerContext) {
    this.subscription = context.subscription
    this.#context = context
    this.#queue = new ReceiveQueue((message) => {
      this.#received++
      this.#parts.find(message)?.taken(message)
    })
  }

  /** For who makes consumers: what arrives for a part goes into this queue. */
  get queue(): ReceiveQueue {
    return this.#queue
  }

  /** For who makes consumers. */
  get parts(): Parts {
    return this.#parts
  }

  /** For who makes consumers: called once when it closes or ends. */
  whenClosed(listener: () => void): void {
    this.#closeListeners.push(listener)
  }

  get isConnected(): boolean {
    return this.#parts.all.every((part) => part.connected)
  }

  /** Every topic it consumes now; of a topic with partitions each. */
  get topics(): readonly string[] {
    return this.#parts.all.map(({ topic }) => topic)
  }

  /** All topics were terminated, and the subscription has had all of them. */
  get hasReachedEndOfTopic(): boolean {
    return this.#parts.size > 0 && this.#parts.all.every((part) => part.ended)
  }

  /**
   * The next message; waits for one, at most `timeoutMs` when given.
   * Rejects with `PulsarError` `timeout`, `closed`, or why the broker ended the consumer.
   */
  receive(timeoutMs?: number): Promise<Message<T>> {
    const next = this.#queue.next(timeoutMs)
    if (this.#queue.waiting > 0) this.#parts.wanted()
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
   * `timeout` without an answer, or as the broker answers. Nobody has to wait for it.
   */
  acknowledge(message: Message): Promise<void> {
    const part = this.#parts.find(message)
    if (!part) return Promise.reject(notOurs())
    this.#acknowledged++
    return part.acknowledge(message)
  }

  /**
   * As `acknowledge`, for a program that kept the id alone. Resolves also for an id that came on a
   * connection that has ended. @throws PulsarError `invalid-argument` when it could be of several topics
   */
  async acknowledgeId(id: MessageId): Promise<void> {
    const part = this.#parts.ofId(id)
    this.#acknowledged++
    await part.acknowledge(part.own(id))
  }

  /** Acknowledges all messages of its partition up to and with this one. Not for shared types. */
  acknowledgeCumulative(message: Message): Promise<void> {
    const part = this.#parts.find(message)
    if (!part) return Promise.reject(notOurs())
    this.#acknowledged++
    return part.acknowledgeUpTo(message)
  }

  /** As `acknowledgeCumulative`, of an id as `acknowledgeId`. */
  async acknowledgeCumulativeId(id: MessageId): Promise<void> {
    const part = this.#parts.ofId(id)
    await part.acknowledgeUpTo(part.own(id))
    this.#acknowledged++
  }

  /**
   * Has the message delivered again after the time set, and with it what shares its batch. Exclusive
   * and Failover consumers get everything again that is not acknowledged.
   */
  negativeAcknowledge(message: Message): void {
    this.#parts.of(message).refuse(message)
    this.#refused++
  }

  /** As `negativeAcknowledge`, of an id as `acknowledgeId`. */
  negativeAcknowledgeId(id: MessageId): void {
    const part = this.#parts.ofId(id)
    part.refuse(part.own(id))
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
    this.#parts.pause()
  }

  resume(): void {
    this.#parts.resume()
  }

  /**
   * Goes on with that message, which is delivered too, in its partition; or `earliest`, or `latest`,
   * everywhere. A bare id is refused where several topics could be meant.
   */
  async seek(target: MessageId | Message): Promise<void> {
    if (target instanceof Message) await this.#parts.of(target).seek({ id: target.id })
    else await this.#parts.seek(target)
  }

  /** Goes on with the first message published at or after that time, in ms since 1970. */
  async seekTimestamp(timestamp: number): Promise<void> {
    await Promise.all(this.#parts.all.map((part) => part.seek({ timestamp })))
  }

  /** The last message stored in each partition, in no order. */
  getLastMessageIds(): Promise<readonly MessageId[]> {
    return Promise.all(this.#parts.all.map((part) => part.lastMessageId()))
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
    await Promise.all(this.#parts.all.map((part) => part.unsubscribe()))
    this.end(new PulsarError('closed', 'The consumer has unsubscribed.'))
  }

  /** Waits for the receipts of what was acknowledged. A second call does nothing more. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    this.#ending(new PulsarError('closed', 'The consumer is closed.'))
    try {
      await this.#parts.close()
    } finally {
      await this.#context.letters.close()
      this.#context.onClosed(this)
    }
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
  }
}
