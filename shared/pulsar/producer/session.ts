import type { Connection } from '../connection/connection.ts'
import { asPulsarError, type PulsarError } from '../errors.ts'
import { backoffMs } from '../lookup/backoff.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'
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
  /** The producer is over, though nobody closed it. */
  onEnded(reason: PulsarError): void
}

/** Keeps one producer alive at the broker, from one connection to the next. */
export class ProducerSession {
  readonly #context: SessionContext
  readonly #events: SessionEvents
  readonly #identity: ProducerIdentity
  #connection: Connection | undefined
  #closed = false
  #endPause: (() => void) | undefined

  constructor(context: SessionContext, events: SessionEvents) {
    const { topic, producerId, settings } = context
    this.#context = context
    this.#events = events
    const { producerName: name } = settings
    this.#identity = { topic, producerId, name, epoch: 0, topicEpoch: undefined }
  }

  get name(): string {
    return this.#identity.name ?? ''
  }

  get topicEpoch(): number | undefined {
    return this.#identity.topicEpoch
  }

  get connected(): boolean {
    return this.#connection !== undefined
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
    const deadline = performance.now() + this.#context.operationTimeoutMs
    for (let attempt = 0; ; attempt++) {
      try {
        const { lastSequenceId } = await this.#attach()
        return lastSequenceId ?? -1
      } catch (thrown) {
        const error = asPulsarError(thrown)
        if (this.#closed || !error.retriable || performance.now() > deadline) throw error
      }
      await this.#pause(backoffMs(attempt))
    }
  }

  /** Gives the producer up at the broker and creates it again. */
  startAgain(): void {
    const connection = this.#connection
    if (!connection) return
    this.#connection = undefined
    const again = () => void this.#reattach()
    detachProducer(connection, this.#context.producerId).then(again, again)
  }

  async close(): Promise<void> {
    const connection = this.#connection
    this.#stop()
    if (connection) await detachProducer(connection, this.#context.producerId)
  }

  async #attach(): Promise<Body<'producerSuccess'>> {
    const { pool, settings, producerId } = this.#context
    const { connection, success } = await attachProducer(pool, this.#identity, settings, {
      onReceipt: (receipt) => this.#events.onReceipt(receipt),
      onSendError: (error) => this.#events.onSendError(error),
      onClosed: () => {
        this.#connection = undefined
        void this.#reattach()
      },
    })
    if (this.#closed) {
      await detachProducer(connection, producerId)
      return success
    }
    this.#connection = connection
    this.#events.onAttached(connection)
    return success
  }

  async #reattach(): Promise<void> {
    for (let attempt = 0; !this.#closed; attempt++) {
      await this.#pause(backoffMs(attempt))
      if (this.#closed) return
      try {
        await this.#attach()
        return
      } catch (thrown) {
        const error = asPulsarError(thrown)
        // Until the broker notices that the old connection is gone, our own name is taken.
        if (error.retriable || error.code === 'producer-busy') continue
        this.#stop()
        this.#events.onEnded(error)
      }
    }
  }

  #stop(): void {
    this.#closed = true
    this.#connection = undefined
    this.#endPause?.()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
