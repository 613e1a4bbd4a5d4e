import { randomUUID } from 'node:crypto'
import { type ClientOptions, poolSettings } from './client-options.ts'
import type { Consumer } from './consumer/consumer.ts'
import { openConsumer } from './consumer/open-consumer.ts'
import { listen } from './consumer/listen.ts'
import type { ConsumerOptions, ReaderOptions, TableViewOptions } from './consumer/options.ts'
import { PulsarError } from './errors.ts'
import { Reader } from './consumer/reader.ts'
import { consumerOpening, type Opening, readerOpening } from './consumer/settings.ts'
import { TableView } from './consumer/table-view.ts'
import { ConnectionPool } from './lookup/connection-pool.ts'
import { topicsOf } from './lookup/topic-lookup.ts'
import { fullTopicName } from './lookup/topic-name.ts'
import { earliest } from './message-id.ts'
import type { ProducerOptions } from './producer/options.ts'
import { openProducer } from './producer/open-producer.ts'
import type { Producer } from './producer/producer.ts'
import { SchemaRegistry } from './schema/schema-registry.ts'

export type { ClientOptions }

/** A client of one Pulsar cluster; connects when first asked for something. */
export class Client implements AsyncDisposable {
  readonly #pool: ConnectionPool
  readonly #operationTimeoutMs: number
  readonly #partitionsUpdateMs: number
  readonly #schemas: SchemaRegistry
  readonly #open = new Set<AsyncDisposable>()
  #nextId = 1
  #closing: Promise<void> | undefined

  /** @throws PulsarError `invalid-argument` for a service URL that is none */
  constructor(options: ClientOptions) {
    const settings = poolSettings(options)
    this.#operationTimeoutMs = settings.operationTimeoutMs
    this.#partitionsUpdateMs = (options.partitionsUpdateIntervalSeconds ?? 60) * 1_000
    this.#pool = new ConnectionPool(settings)
    this.#schemas = new SchemaRegistry(this.#pool)
  }

  /** Rejects with `PulsarError`, as the broker answers. */
  async createProducer<T = Uint8Array>(options: ProducerOptions<T>): Promise<Producer<T>> {
    const producer = await openProducer(
      { ...this.#context(), nextProducerId: () => this.#nextId++ },
      options,
    )
    await this.#keep(producer)
    return producer
  }

  /**
   * Rejects with `PulsarError`, as the broker answers: `consumer-busy`, `topic-not-found`, ...; or
   * `invalid-argument` for options that exclude each other.
   */
  async subscribe<T = Uint8Array>(options: ConsumerOptions<T>): Promise<Consumer<T>> {
    const consumer = await this.#consume(consumerOpening(options))
    const { listener, onListenerError } = options
    if (listener)
      void listen({
        receive: () => consumer.receive(),
        listener: (message) => listener(message, consumer),
        refuse: (message) => consumer.negativeAcknowledge(message),
        onError: onListenerError,
      })
    return consumer
  }

  /** As `subscribe`, without a subscription that would stay. */
  async createReader<T = Uint8Array>(options: ReaderOptions<T>): Promise<Reader<T>> {
    const reader = new Reader(await this.#consume(readerOpening(options, randomUUID())))
    const { listener, onListenerError } = options
    if (listener)
      void listen({
        receive: () => reader.readNext(),
        listener: (message) => listener(message, reader),
        refuse: () => undefined,
        onError: onListenerError,
      })
    return reader
  }

  /** Resolves when all that is stored now is in the view. Rejects as `subscribe`. */
  async createTableView<T = Uint8Array>(options: TableViewOptions<T>): Promise<TableView<T>> {
    const { subscriptionRolePrefix = 'table-view' } = options
    const reading = { ...options, startMessageId: earliest, readCompacted: true }
    const reader = await this.createReader({ ...reading, subscriptionRolePrefix })
    const view = new TableView(reader, options)
    try {
      await view.refresh()
      return view
    } catch (thrown) {
      await view.close()
      throw thrown
    }
  }

  /**
   * The topics that make up a partitioned topic; the topic itself when it is not partitioned, or not
   * there. With `metadataAutoCreationEnabled: false` rejects with `topic-not-found` for the latter.
   */
  async getPartitionsForTopic(
    topic: string,
    { metadataAutoCreationEnabled = true } = {},
  ): Promise<readonly string[]> {
    const name = fullTopicName(topic)
    const parts = await topicsOf(this.#pool, name, undefined, !metadataAutoCreationEnabled)
    return parts.map((part) => part.topic)
  }

  /** Flushes and closes every producer and consumer, then every connection. A second call does nothing more. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    const open = [...this.#open]
    this.#open.clear()
    await Promise.allSettled(open.map((one) => one[Symbol.asyncDispose]()))
    this.#pool.close()
  }

  async #consume<T>(opening: Opening<T>): Promise<Consumer<T>> {
    const consumer = await openConsumer(
      {
        ...this.#context(),
        nextConsumerId: () => this.#nextId++,
        createProducer: (options) => this.createProducer(options),
      },
      opening,
    )
    await this.#keep(consumer)
    return consumer
  }

  /** Closed with the client. @throws PulsarError `closed` when that has begun */
  async #keep(opened: AsyncDisposable): Promise<void> {
    if (!this.#closing) {
      this.#open.add(opened)
      return
    }
    await opened[Symbol.asyncDispose]()
    throw new PulsarError('closed', 'The client is closed.')
  }

  #context() {
    return {
      pool: this.#pool,
      operationTimeoutMs: this.#operationTimeoutMs,
      partitionsUpdateMs: this.#partitionsUpdateMs,
      schemas: this.#schemas,
      onClosed: (closed: AsyncDisposable) => void this.#open.delete(closed),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
