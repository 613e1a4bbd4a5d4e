import type { Connection } from '../connection/connection.ts'
import { PulsarError } from '../errors.ts'
import { AttachLoop, attachment } from '../lookup/attach-loop.ts'
import type { MessageId } from '../message-id.ts'
import type { ValueReader } from '../schema/value-reader.ts'
import { Acknowledging } from './acknowledging.ts'
import { Arrivals } from './arrivals.ts'
import { burying } from './burying.ts'
import { tell } from './listen.ts'
import type { Delivered, Message } from './message.ts'
import { Permits } from './permits.ts'
import { Position, type SeekTarget } from './position.ts'
import type { ReceiveQueue } from './receive-queue.ts'
import { Redeliveries } from './redeliveries.ts'
import { seekRequest } from './seek.ts'
import { latestNow, settled, subscribe, type Subscription, topicEnd } from './subscribe.ts'

export interface TopicConsumerContext extends Subscription {
  /** -1 when the topic has no partitions. */
  readonly partition: number
  readonly operationTimeoutMs: number
  readonly queue: ReceiveQueue
  /** Reads the values of its messages; undefined without a schema. */
  readonly values: ValueReader | undefined
  /** Publishes a message as a dead letter; undefined without a policy for them. */
  readonly bury: ((message: Message) => Promise<void>) | undefined
  /** The consumer is over, though nobody closed it. */
  readonly onEnded: (reason: PulsarError) => void
}

/** The consumer of one topic without partitions, from one connection to the next. */
export class TopicConsumer {
  readonly topic: string
  readonly partition: number
  readonly consumerId: number
  readonly #context: TopicConsumerContext
  readonly #loop: AttachLoop
  readonly #acknowledging: Acknowledging
  readonly #arrivals: Arrivals
  readonly #permits: Permits
  readonly #redeliveries: Redeliveries
  #position: Position | undefined
  #connection: Connection | undefined
  /** Counts subscribing again: by it messages from before a seek are told from those after it. */
  session = 0
  #ended = false
  #whenAttached = attachment()

  constructor(context: TopicConsumerContext) {
    const { settings, topic, partition, consumerId } = context
    this.#context = context
    this.topic = topic
    this.partition = partition
    this.consumerId = consumerId
    const ahead = { messages: settings.receiverQueueSize, bytes: settings.receiverQueueBytes }
    this.#permits = new Permits(ahead, (messagePermits) =>
      this.#connection?.tell('flow', { consumerId, messagePermits }),
    )
    this.#redeliveries = new Redeliveries({
      settings,
      consumerId,
      bury: context.bury && burying(context.bury, () => this.#acknowledging),
      isCurrent: ({ origin }) => origin.session === this.session,
      ask: (again) => this.#connection?.tell('redeliverUnacknowledged', again),
      dropQueued: (unwanted) => this.#permits.used(this.#dropQueued(unwanted)),
    })
    this.#acknowledging = new Acknowledging(consumerId, settings, this.#redeliveries)
    this.#arrivals = new Arrivals(context, {
      permits: this.#permits,
      acknowledging: this.#acknowledging,
      redeliveries: this.#redeliveries,
    })
    this.#loop = new AttachLoop({
      attach: (answerMs) => this.#attach(answerMs),
      busy: 'consumer-busy',
      operationTimeoutMs: context.operationTimeoutMs,
      onEnded: (reason) => {
        this.#whenAttached.reject(reason)
        context.onEnded(reason)
      },
    })
    if (settings.start) this.#position = new Position(settings.start)
  }

  /** The topic was terminated, and the subscription has had all of it. */
  get ended(): boolean {
    return this.#ended
  }

  get connected(): boolean {
    return this.#connection !== undefined
  }

  /** Subscribes. Rejects as `subscribe`, when trying again did not help. */
  open(): Promise<void> {
    return this.#loop.first()
  }

  /** A message of this consumer was handed to the application. */
  taken(message: Message): void {
    this.#position?.taken(message.id)
    this.#redeliveries.taken(message)
    this.#permits.used(1)
  }

  /** Somebody waits for a message; tells the broker when nothing is fetched ahead. */
  wanted(): void {
    this.#permits.wanted()
  }

  pause(): void {
    this.#permits.pause()
  }

  resume(): void {
    this.#permits.resume(this.#context.queue.waiting > 0)
  }

  /** A message of which the id is left, taken for one of this session. */
  own(id: MessageId): Delivered {
    const { topic, consumerId, values } = this.#context
    const session = this.session
    const origin = { topic, consumerId, session, redeliveryCount: 0, chunkIds: undefined, values }
    return { id, origin }
  }

  /** Resolves with the broker's receipt. Rejects when the message will come again. */
  acknowledge(message: Delivered): Promise<void> {
    return this.#acknowledging.one(message)
  }

  /** Everything up to and with this message. As `acknowledge`. */
  acknowledgeUpTo(message: Delivered): Promise<void> {
    return this.#acknowledging.upTo(message)
  }

  /** Has the message's entry delivered again later. */
  refuse(message: Delivered): void {
    this.#redeliveries.refuse(message)
  }

  /** Goes on from another place; resolves when subscribed again, with nothing old in the queue. */
  async seek(target: SeekTarget): Promise<void> {
    // Another move may be going on still: the broker closes a consumer to move it.
    await settled(this.#whenAttached.promise, this.#context.operationTimeoutMs)
    const connection = this.#required()
    const before = this.#position
    this.#position = before?.at(target)
    try {
      await connection.request('seek', seekRequest(this.#context.consumerId, target), 'success')
    } catch (thrown) {
      this.#position = before
      throw thrown
    }
    await this.#whenAttached.promise
    this.#position?.begin()
    if ('timestamp' in target && this.#position)
      this.#position.found((await topicEnd(this.#required(), this.#context)).passed)
  }

  /** The last message stored; its ids are -1 while the topic is empty. */
  async lastMessageId(): Promise<MessageId> {
    return (await topicEnd(this.#required(), this.#context)).last
  }

  /** The last message stored, if it was not handed out yet; for one that is not durable. */
  async lastAhead(): Promise<MessageId | undefined> {
    await this.#whenAttached.promise
    const end = await topicEnd(this.#required(), this.#context)
    return this.#position?.isBefore(end) ? end.last : undefined
  }

  async unsubscribe(): Promise<void> {
    const { consumerId } = this.#context
    await this.#acknowledging.flush()
    const connection = this.#required()
    await connection.request('unsubscribe', { consumerId }, 'success')
    connection.residents.removeConsumer(consumerId)
    this.#stop()
  }

  /** Waits for the receipts of what was acknowledged, then leaves. */
  async close(): Promise<void> {
    const connection = this.#connection
    await this.#acknowledging.flush()
    this.#stop()
    const { consumerId } = this.#context
    connection?.residents.removeConsumer(consumerId)
    await connection?.leave('closeConsumer', { consumerId })
  }

  #required(): Connection {
    if (this.#connection) return this.#connection
    throw new PulsarError('connection', `${this.#context.topic}: not connected now; try again.`)
  }

  async #attach(answerMs: number): Promise<void> {
    const { consumerId, partition, settings, topic } = this.#context
    const how = { ...this.#context, answerMs }
    if (this.#position?.isLatest) this.#position.pin(await latestNow(how, partition))
    const connection = await subscribe(how, this.#position?.id, this.#redeliveries.epoch, {
      onMessage: (body, rest) => this.#arrivals.take(this.session, this.#position, body, rest),
      onActiveChange: (active) => tell(() => settings.onActiveChange?.(active, topic)),
      onEndOfTopic: () => {
        this.#ended = true
        tell(() => settings.onReachedEndOfTopic?.(topic))
      },
      onClosed: () => {
        this.#reset()
        void this.#loop.again()
      },
    })
    if (this.#loop.stopped) {
      connection.residents.removeConsumer(consumerId)
      await connection.leave('closeConsumer', { consumerId })
      return
    }
    this.session++
    this.#position?.begin()
    this.#connection = connection
    this.#acknowledging.begin(connection, this.session)
    this.#permits.begin(this.#context.queue.waiting > 0)
    this.#whenAttached.resolve()
  }

  #dropQueued(unwanted: (message: Message) => boolean): number {
    const { queue, consumerId } = this.#context
    return queue.drop((message) => message.origin.consumerId === consumerId && unwanted(message))
  }

  #reset(): void {
    if (this.#connection) this.#whenAttached = attachment()
    this.#connection = undefined
    this.session++
    this.#dropQueued(() => true)
    this.#acknowledging.end()
    this.#arrivals.clear()
    this.#redeliveries.clear()
  }

  #stop(): void {
    this.#loop.stop()
    this.#reset()
    this.#whenAttached.reject(new PulsarError('closed', 'The consumer is closed.'))
  }
}
