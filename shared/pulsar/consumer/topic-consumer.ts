import type { Connection } from '../connection/connection.ts'
import { asPulsarError, PulsarError } from '../errors.ts'
import { AttachLoop } from '../lookup/attach-loop.ts'
import { compareMessageIds, type MessageId, messageId } from '../message-id.ts'
import type { ByteReader } from '../wire/byte-reader.ts'
import type { Body } from '../wire/commands.ts'
import { acknowledgeOne, AckSender } from './ack-sender.ts'
import { remainingFrom } from './ack-set.ts'
import { AckTracker } from './ack-tracker.ts'
import type { Message } from './message.ts'
import { Permits } from './permits.ts'
import type { ReceiveQueue } from './receive-queue.ts'
import { Redelivery } from './redelivery.ts'
import { subscribe, type Subscription } from './subscribe.ts'
import { Unpacker } from './unpacker.ts'

export interface TopicConsumerContext extends Subscription {
  /** -1 when the topic has no partitions. */
  readonly partition: number
  readonly operationTimeoutMs: number
  readonly queue: ReceiveQueue
  /** The consumer is over, though nobody closed it. */
  readonly onEnded: (reason: PulsarError) => void
}

/** The consumer of one topic without partitions, from one connection to the next. */
export class TopicConsumer {
  readonly #context: TopicConsumerContext
  readonly #loop: AttachLoop
  readonly #tracker: AckTracker
  readonly #unpacker: Unpacker
  readonly #permits: Permits
  readonly #redelivery: Redelivery
  #connection: Connection | undefined
  #acks: AckSender | undefined
  #session = 0
  #epoch = 0
  /** Where a reader is: what comes up to here it has seen. */
  #position: { readonly id: MessageId; readonly seen: boolean } | undefined
  readonly #attachedListeners: (() => void)[] = []

  constructor(context: TopicConsumerContext) {
    const { settings, consumerId, partition } = context
    this.#context = context
    this.#tracker = new AckTracker(settings.batchIndexAckEnabled)
    this.#unpacker = new Unpacker(partition)
    this.#permits = new Permits(settings.receiverQueueSize, (messagePermits) =>
      this.#connection?.tell('flow', { consumerId, messagePermits }),
    )
    this.#redelivery = new Redelivery((ids) => this.#askAgain(ids))
    this.#loop = new AttachLoop({
      attach: (answerMs) => this.#attach(answerMs),
      busy: 'consumer-busy',
      operationTimeoutMs: context.operationTimeoutMs,
      onEnded: context.onEnded,
    })
    const { reader } = settings
    if (reader) this.#position = { id: reader.start, seen: !reader.inclusive }
  }

  get connected(): boolean {
    return this.#connection !== undefined
  }

  /** Subscribes. Rejects as `subscribe`, when trying again did not help. */
  open(): Promise<void> {
    return this.#loop.first()
  }

  /** A message of this consumer was handed to the application. */
  taken({ id }: Message): void {
    if (this.#position) this.#position = { id, seen: true }
    this.#permits.used(1)
  }

  /** Somebody waits for a message; tells the broker when nothing is fetched ahead. */
  wanted(): void {
    this.#permits.wanted()
  }

  /** Resolves with the broker's receipt. Rejects when the message will come again. */
  acknowledge({ id, origin }: Message): Promise<void> {
    try {
      const acks = this.#acksOf(origin.session)
      if (!origin.chunkIds) return acknowledgeOne(this.#tracker, acks, id)
      const told = origin.chunkIds.map((one) => acknowledgeOne(this.#tracker, acks, one))
      return Promise.all(told).then(() => undefined)
    } catch (thrown) {
      return Promise.reject(thrown)
    }
  }

  /** Everything up to and with this message. As `acknowledge`. */
  async acknowledgeUpTo({ id, origin }: Message): Promise<void> {
    const acks = this.#acksOf(origin.session)
    const told = this.#tracker.acknowledgeUpTo(id)
    if (told) await acks.cumulative(told)
  }

  /** Has the message's entry delivered again later. */
  refuse({ id, origin }: Message): void {
    if (origin.session !== this.#session) return
    const afterMs = this.#context.settings.redeliverAfterMs(origin.redeliveryCount)
    for (const one of origin.chunkIds ?? [id]) this.#redelivery.add(one, afterMs)
  }

  /** Goes on from another place; resolves when subscribed again, with nothing old in the queue. */
  async seek(target: { readonly id: MessageId } | { readonly timestamp: number }): Promise<void> {
    const connection = this.#required()
    const { consumerId } = this.#context
    if ('id' in target) {
      if (this.#position) this.#position = { id: target.id, seen: false }
      const { ledgerId, entryId, batchIndex, batchSize } = target.id
      const ackSet = batchIndex > 0 ? remainingFrom(batchIndex, batchSize) : undefined
      const request = { consumerId, messageId: { ledgerId, entryId, ackSet } }
      await connection.request('seek', request, 'success')
    } else {
      const request = { consumerId, messagePublishTime: target.timestamp }
      await connection.request('seek', request, 'success')
    }
    await this.#attached()
  }

  /** The last message stored; its ids are -1 while the topic is empty. */
  async lastMessageId(): Promise<MessageId> {
    const { consumerId, partition } = this.#context
    const { lastMessageId: last } = await this.#required().request(
      'getLastMessageId',
      { consumerId },
      'getLastMessageIdResponse',
    )
    const { ledgerId, entryId, batchIndex = -1, batchSize = 0 } = last
    return messageId({ ledgerId, entryId, partition, batchIndex, batchSize })
  }

  async unsubscribe(): Promise<void> {
    const { consumerId } = this.#context
    await this.#required().request('unsubscribe', { consumerId }, 'success')
    this.#stop()
  }

  /** Waits for the receipts of what was acknowledged, then leaves. */
  async close(): Promise<void> {
    const connection = this.#connection
    await this.#acks?.flush()
    this.#stop()
    const { consumerId } = this.#context
    connection?.residents.removeConsumer(consumerId)
    await connection?.leave('closeConsumer', { consumerId })
  }

  #acksOf(session: number): AckSender {
    if (this.#acks && this.#connection && session === this.#session) return this.#acks
    const message = 'The connection this message came on has ended; the message comes again.'
    throw new PulsarError('connection', message)
  }

  #required(): Connection {
    if (this.#connection) return this.#connection
    throw new PulsarError('connection', `${this.#context.topic}: not connected now; try again.`)
  }

  async #attach(answerMs: number): Promise<void> {
    const how = { ...this.#context, answerMs }
    const connection = await subscribe(how, this.#position?.id, this.#epoch, {
      onMessage: (body, rest) => this.#onMessage(body, rest),
      onActiveChange: (active) =>
        this.#context.settings.onActiveChange?.(active, this.#context.topic),
      onEndOfTopic: () => this.#context.settings.onReachedEndOfTopic?.(this.#context.topic),
      onClosed: () => {
        this.#reset()
        void this.#loop.again()
      },
    })
    if (this.#loop.stopped) {
      await connection.leave('closeConsumer', { consumerId: this.#context.consumerId })
      return
    }
    this.#session++
    this.#connection = connection
    this.#acks = new AckSender(connection, this.#context.consumerId)
    this.#permits.begin(this.#context.queue.waiting > 0)
    for (const listener of this.#attachedListeners.splice(0)) listener()
  }

  #onMessage(body: Body<'message'>, rest: ByteReader): void {
    const { topic, consumerId, settings, queue } = this.#context
    const { redeliveryCount = 0, consumerEpoch = 0 } = body
    if (consumerEpoch < this.#epoch) return
    const session = this.#session
    const origin = { topic, consumerId, session, redeliveryCount, chunkIds: undefined }
    try {
      const { messages, permits } = this.#unpacker.unpack(body, rest, origin)
      const fresh = messages.filter((message) => this.#isFresh(message.id))
      this.#permits.used(permits - fresh.length)
      for (const message of fresh) queue.push(message)
    } catch (thrown) {
      // It stays unacknowledged: dropping it, or the whole connection, would be worse.
      this.#permits.used(1)
      const { ledgerId, entryId } = body.messageId
      settings.onUnreadable?.(asPulsarError(thrown), messageId({ ledgerId, entryId }), topic)
    }
    if (queue.waiting > 0) this.#permits.wanted()
  }

  #isFresh(id: MessageId): boolean {
    if (id.batchIndex >= 0 && this.#tracker.isAcknowledged(id)) return false
    const { id: position, seen } = this.#position ?? {}
    if (!position || position.ledgerId >= 2 ** 62) return true
    return compareMessageIds(id, position) >= (seen === true ? 1 : 0)
  }

  /** One consumer at a time gets all again from the broker, whatever it asks for. */
  #askAgain(ids: readonly MessageId[]): void {
    const { consumerId, settings } = this.#context
    const { subscriptionType } = settings
    const messageIds = ids.map(({ ledgerId, entryId }) => ({ ledgerId, entryId }))
    if (subscriptionType === 'Shared' || subscriptionType === 'KeyShared') {
      this.#connection?.tell('redeliverUnacknowledged', { consumerId, messageIds })
      return
    }
    this.#epoch++
    const consumerEpoch = this.#epoch
    this.#connection?.tell('redeliverUnacknowledged', { consumerId, consumerEpoch })
    this.#permits.used(this.#dropQueued())
  }

  #dropQueued(): number {
    const { queue, consumerId } = this.#context
    return queue.drop(({ origin }) => origin.consumerId === consumerId)
  }

  #attached(): Promise<void> {
    if (this.#connection) return Promise.resolve()
    return new Promise((resolve) => this.#attachedListeners.push(resolve))
  }

  #reset(): void {
    this.#connection = undefined
    this.#acks = undefined
    this.#dropQueued()
    this.#tracker.clear()
    this.#unpacker.clear()
    this.#redelivery.clear()
  }

  #stop(): void {
    this.#loop.stop()
    this.#reset()
  }
}
