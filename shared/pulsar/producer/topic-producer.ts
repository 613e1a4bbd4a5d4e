import { asPulsarError, PulsarError, serverError } from '../errors.ts'
import { Pause } from '../lookup/patience.ts'
import { messageId } from '../message-id.ts'
import type { Body } from '../wire/commands.ts'
import { Batcher } from './batcher.ts'
import { buildEntries, tooBig } from './entry.ts'
import { Intake } from './intake.ts'
import type { ProducerMessage, ProducerStats, SendResult } from './options.ts'
import { type Item, type PendingEntry, PendingQueue } from './pending-queue.ts'
import { Sequence } from './sequence.ts'
import { ProducerSession, type SessionContext } from './session.ts'
import { DueTimer, Linger } from './timers.ts'

export interface TopicProducerContext extends SessionContext {
  /** -1 when the topic has no partitions. */
  readonly partition: number
}

/**
 * The producer of one topic without partitions. Messages reach the broker in the order of `send`;
 * what was not acknowledged when a connection ended is sent again on the next one, in order.
 */
export class TopicProducer {
  readonly #context: TopicProducerContext
  /** What it is to the broker now. */
  readonly session: ProducerSession
  readonly #batcher: Batcher
  readonly #intake: Intake
  readonly #pending = new PendingQueue()
  readonly #linger: Linger
  readonly #timeout: DueTimer
  #sequence = new Sequence(-1, undefined)
  #maxMessageSize = 0
  #lastPublished = -1
  #sent = 0
  #failed = 0
  /** Why nothing is accepted any more. */
  #refusal: PulsarError | undefined
  #closing: Promise<void> | undefined

  constructor(context: TopicProducerContext) {
    this.#context = context
    this.#batcher = new Batcher(context.settings)
    const isCongested = () => this.session.congested
    this.#intake = new Intake(context.settings, isCongested, (item) => this.#accept(item))
    this.#linger = new Linger(context.settings.lingerMs, () => this.#sendGathered())
    this.#timeout = new DueTimer(
      () => this.#pending.nextDeadline,
      () => this.#rejectDue(),
    )
    this.session = new ProducerSession(context, {
      onAttached: (connection) => {
        const max = (this.#maxMessageSize = connection.maxMessageSize)
        for (const one of this.#pending.takeLarger(max))
          this.#rejectAll([one], tooBig(one.frame.length, max))
        for (const { frame } of this.#pending.entries()) connection.write(frame)
        this.#intake.letIn()
      },
      onDrained: () => this.#intake.letIn(),
      onReceipt: (receipt) => this.#onReceipt(receipt),
      onSendError: (error) => this.#onSendError(error),
      onEnded: (reason) => {
        this.#end(reason)
        if (reason.code === 'producer-fenced') context.settings.onFenced?.()
      },
    })
  }

  /** The highest sequence id the broker is known to have stored; -1 without any. */
  get lastSequenceId(): number {
    return this.#lastPublished
  }

  get stats(): ProducerStats {
    return { pending: this.#intake.pending, sent: this.#sent, failed: this.#failed }
  }

  /** Creates the producer. Rejects as `ProducerSession.open`. */
  async open(): Promise<void> {
    this.#lastPublished = await this.session.open()
    const { initialSequenceId } = this.#context.settings
    this.#sequence = new Sequence(this.#lastPublished, initialSequenceId)
  }

  /** Resolves when the broker has stored the message. Rejects with a typed error. */
  send(message: ProducerMessage): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      const item: Item = { message, sequenceId: -1, resolve, reject }
      if (this.#refusal) reject(this.#refusal)
      else if (this.#isTooBig(message)) reject(tooBig(message.data.length, this.#maxMessageSize))
      else this.#intake.offer(item)
    })
  }

  /** Sends what is gathered and waits until all accepted so far is stored or failed. */
  async flush(): Promise<void> {
    await this.#linger.hurryUntil(this.#intake.whenLetIn())
    await this.#pending.whenSettled()
  }

  /** Flushes for the time of an operation at most, then gives the producer up at the broker. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    this.#refusal ??= new PulsarError('closed', `${this.#context.topic}: the producer is closed.`)
    await this.#flushInTime()
    this.#end(new PulsarError('closed', 'The producer was closed before this was acknowledged.'))
    await this.session.close()
  }

  /** Without a broker a flush lasts until the messages time out, which can be never. */
  async #flushInTime(): Promise<void> {
    const patience = new Pause()
    await Promise.race([this.flush(), patience.wait(this.#context.operationTimeoutMs)])
    patience.end()
  }

  /** What would not fit however it is sent must not take the place of others in the queue. */
  #isTooBig({ data }: ProducerMessage): boolean {
    const { compressionType, chunkingEnabled } = this.#context.settings
    if (data.length <= this.#maxMessageSize || chunkingEnabled) return false
    return compressionType === 'None'
  }

  #accept(item: Item): void {
    if (this.#batcher.mustSendBefore(item)) this.#sendGathered()
    if (this.#batcher.add(item)) this.#sendGathered()
    else this.#linger.begin()
  }

  #sendGathered(): void {
    this.#linger.end()
    // What is refused at once makes room: nobody may overtake the rest through it.
    this.#intake.holdWhile(() => {
      for (const items of this.#batcher.takeAll()) this.#sendBatch(items)
    })
  }

  #sendBatch(items: readonly Item[]): void {
    const fresh = items.filter((item) => this.#giveSequenceId(item))
    try {
      this.#enqueueAll(fresh)
    } catch (thrown) {
      // One message too large for the broker must not take the others of its batch with it.
      if (fresh.length > 1) for (const item of fresh) this.#sendAlone(item)
      else for (const item of fresh) this.#reject(item, asPulsarError(thrown))
    }
  }

  #sendAlone(item: Item): void {
    try {
      this.#enqueueAll([item])
    } catch (thrown) {
      this.#reject(item, asPulsarError(thrown))
    }
  }

  #enqueueAll(items: readonly Item[]): void {
    const { producerId, settings } = this.#context
    const { compressionType, chunkingEnabled } = settings
    const context = {
      producerId,
      producerName: this.session.name,
      compressionType,
      chunkingEnabled,
      schemaVersion: this.session.schemaVersion,
      maxMessageSize: this.#maxMessageSize,
    }
    for (const entry of buildEntries(context, items, Date.now())) this.#enqueue(entry)
  }

  /** False when the message goes no further: its id was refused, or the broker has it already. */
  #giveSequenceId(item: Item): boolean {
    try {
      item.sequenceId = this.#sequence.next(item.message.sequenceId)
    } catch (thrown) {
      this.#reject(item, asPulsarError(thrown))
      return false
    }
    if (!this.#sequence.isStored(item.sequenceId)) return true
    this.#resolve(item, messageId({ partition: this.#context.partition }))
    return false
  }

  #enqueue(entry: PendingEntry): void {
    const { sendTimeoutMs } = this.#context.settings
    this.#pending.push(entry, sendTimeoutMs > 0 ? performance.now() + sendTimeoutMs : Infinity)
    this.session.write(entry.frame)
    this.#timeout.arm()
  }

  #onReceipt({ sequenceId, messageId: stored }: Body<'sendReceipt'>): void {
    const entry = this.#pending.take(sequenceId)
    if (!entry) return
    const { partition } = this.#context
    const batchSize = entry.items.length > 1 ? entry.items.length : 0
    const { ledgerId = -1, entryId = -1 } = stored ?? {}
    entry.items.forEach((item, index) => {
      const batchIndex = batchSize > 0 ? index : -1
      this.#resolve(item, messageId({ ledgerId, entryId, partition, batchIndex, batchSize }))
    })
  }

  /** What may succeed later is sent again after a new start, which keeps the order. */
  #onSendError({ sequenceId, error, message }: Body<'sendError'>): void {
    const failure = serverError(error, `${this.#context.topic}: ${message}`)
    if (failure.retriable) {
      this.session.startAgain()
      return
    }
    this.#rejectAll(this.#pending.takeWhole(sequenceId), failure)
  }

  #resolve(item: Item, id: SendResult['messageId']): void {
    const { sequenceId } = item
    this.#lastPublished = Math.max(this.#lastPublished, sequenceId)
    this.#sent++
    item.resolve({ messageId: id, sequenceId, duplicate: id.ledgerId < 0 })
    this.#intake.release(item)
  }

  #reject(item: Item, error: PulsarError): void {
    this.#failed++
    item.reject(error)
    this.#intake.release(item)
  }

  #rejectDue(): void {
    const { topic, settings } = this.#context
    const message = `${topic}: not acknowledged within ${settings.sendTimeoutMs} ms.`
    this.#rejectAll(this.#pending.takeDue(performance.now()), new PulsarError('timeout', message))
  }

  #rejectAll(entries: readonly PendingEntry[], error: PulsarError): void {
    for (const { items } of entries) for (const item of items) this.#reject(item, error)
  }

  /** Nothing is accepted any more, and whoever still waits hears why. */
  #end(reason: PulsarError): void {
    this.#refusal ??= reason
    this.#timeout.end()
    this.#linger.end()
    this.#intake.close(reason)
    for (const items of this.#batcher.takeAll())
      for (const item of items) this.#reject(item, reason)
    this.#rejectAll(this.#pending.takeAll(), reason)
  }
}
