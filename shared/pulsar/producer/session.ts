import type { Connection } from '../connection/connection.ts'
import { asPulsarError, type PulsarError } from '../errors.ts'
import { AttachLoop } from '../lookup/attach-loop.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'
import { AnswerTime } from '../lookup/patience.ts'
import type { Body } from '../wire/commands.ts'
import { attachProducer, detachProducer, type ProducerIdentity } from './attachment.ts'
import type { ProducerSettings } from './options.ts'

export interface SessionContext {
  readonly pool: ConnectionPool
  readonly topic: string
  readonly producerId: number
  readonly settings: ProducerSettings
  /** How long the first creation is tried, in ms. */
  readonly operationTimeoutMs: number
}

interface SessionEvents {
  /** A new start: what was not acknowledged has to be written again, in order. */
  onAttached(connection: Connection): void
  onReceipt(receipt: Body<'sendReceipt'>): void
  onSendError(error: Body<'sendError'>): void
  onDrained(): void
  /** The producer is over, though nobody closed it. */
  onEnded(reason: PulsarError): void
}

/** Keeps one producer alive at the broker, from one connection to the next. */
export class ProducerSession {
  readonly #context: SessionContext
  readonly #events: SessionEvents
  readonly #identity: ProducerIdentity
  readonly #loop: AttachLoop
  #connection: Connection | undefined
  #lastSequenceId = -1
  /** Starts since something was stored: what is refused every time must not be sent in a hurry. */
  #inVain = 0
  #schemaVersion: Uint8Array | undefined

  constructor(context: SessionContext, events: SessionEvents) {
    const { topic, producerId, settings } = context
    this.#context = context
    this.#events = events
    this.#loop = new AttachLoop({
      attach: (answerMs) => this.#attach(answerMs),
      busy: 'producer-busy',
      operationTimeoutMs: context.operationTimeoutMs,
      onEnded: events.onEnded,
    })
    const { producerName: name } = settings
    this.#identity = { topic, producerId, name, epoch: 0, topicEpoch: undefined }
  }

  get name(): string {
    return this.#identity.name ?? ''
  }

  get topicEpoch(): number | undefined {
    return this.#identity.topicEpoch
  }

  /** The version of the producer's schema, which every message names; undefined without a schema. */
  get schemaVersion(): Uint8Array | undefined {
    return this.#schemaVersion
  }

  get connected(): boolean {
    return this.#connection !== undefined
  }

  get congested(): boolean {
    return this.#connection?.congested === true
  }

  /** Nothing happens while there is no connection: `onAttached` comes when there is. */
  write(frame: Uint8Array): void {
    this.#connection?.write(frame)
  }

  /**
   * Creates the producer, trying again what may succeed later until the time for operations is over.
   * Resolves with the highest sequence id the broker has stored of it, -1 without any.
   * @throws PulsarError as `attachProducer`
   */
  async open(): Promise<number> {
    await this.#loop.first()
    return this.#lastSequenceId
  }

  /** Gives the producer up at the broker and creates it again. */
  startAgain(): void {
    const connection = this.#connection
    if (!connection) return
    this.#connection = undefined
    const before = this.#inVain++
    void this.#leave(connection).then(() => this.#loop.again(before))
  }

  /** A broker whose storage hangs does not answer: then only another connection gets us another start. */
  async #leave(connection: Connection): Promise<void> {
    const { producerId, operationTimeoutMs } = this.#context
    try {
      await detachProducer(connection, producerId, new AnswerTime(operationTimeoutMs).ms)
    } catch (thrown) {
      connection.close(asPulsarError(thrown))
    }
  }

  async close(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    this.#loop.stop()
    if (connection) await detachProducer(connection, this.#context.producerId)
  }

  async #attach(answerMs: number): Promise<void> {
    const { pool, settings, producerId } = this.#context
    const how = { settings, answerMs }
    const { connection, success } = await attachProducer(pool, this.#identity, how, {
      onReceipt: (receipt) => {
        this.#inVain = 0
        this.#events.onReceipt(receipt)
      },
      onSendError: (error) => this.#events.onSendError(error),
      onDrained: () => this.#events.onDrained(),
      onClosed: () => {
        this.#connection = undefined
        void this.#loop.again()
      },
    })
    this.#lastSequenceId = success.lastSequenceId ?? -1
    // Copied: it views the bytes of the socket.
    if (settings.schemaInfo) this.#schemaVersion = success.schemaVersion?.slice()
    if (this.#loop.stopped) return detachProducer(connection, producerId)
    this.#connection = connection
    this.#events.onAttached(connection)
  }
}
