import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Authentication } from './connection/authentication.ts'
import type { Consumer } from './consumer/consumer.ts'
import { openConsumer } from './consumer/open-consumer.ts'
import {
  type ConsumerOptions,
  consumerSettings,
  type ConsumerSettings,
  type ReaderOptions,
  readerSettings,
} from './consumer/options.ts'
import { Reader } from './consumer/reader.ts'
import { ConnectionPool } from './lookup/connection-pool.ts'
import { topicsOf } from './lookup/topic-lookup.ts'
import { fullTopicName } from './lookup/topic-name.ts'
import type { ProducerOptions } from './producer/options.ts'
import { openProducer, type Producer } from './producer/producer.ts'
import type { TlsSettings } from './transport/transport.ts'

export interface ClientOptions {
  /** `pulsar://host[:6650][,host2[:6650]]` or `pulsar+ssl://host[:6651]`. */
  readonly serviceUrl: string
  readonly authentication?: Authentication | undefined
  /** Seconds until a request to the broker fails. Default 30. */
  readonly operationTimeoutSeconds?: number | undefined
  /** Seconds until a connection attempt fails. Default 10. */
  readonly connectionTimeoutSeconds?: number | undefined
  /** Default 30. */
  readonly keepAliveIntervalSeconds?: number | undefined
  /** PEM text of the authorities trusted, or the path of a file that holds it. */
  readonly tlsTrustCerts?: string | undefined
  readonly tlsTrustCertsFilePath?: string | undefined
  /** PEM files of the certificate this client shows. */
  readonly tlsCertificateFilePath?: string | undefined
  readonly tlsPrivateKeyFilePath?: string | undefined
  /** Default true. */
  readonly tlsValidateHostname?: boolean | undefined
}

/** A client of one Pulsar cluster; connects when first asked for something. */
export class Client implements AsyncDisposable {
  readonly #pool: ConnectionPool
  readonly #operationTimeoutMs: number
  readonly #open = new Set<Producer | Consumer>()
  #nextId = 1

  /** @throws PulsarError `invalid-argument` for a service URL that is none */
  constructor(options: ClientOptions) {
    this.#operationTimeoutMs = (options.operationTimeoutSeconds ?? 30) * 1_000
    this.#pool = new ConnectionPool({
      serviceUrl: options.serviceUrl,
      authentication: options.authentication,
      tls: tlsSettings(options),
      connectTimeoutMs: (options.connectionTimeoutSeconds ?? 10) * 1_000,
      operationTimeoutMs: this.#operationTimeoutMs,
      keepAliveMs: (options.keepAliveIntervalSeconds ?? 30) * 1_000,
    })
  }

  /** Rejects with `PulsarError`, as the broker answers. */
  async createProducer(options: ProducerOptions): Promise<Producer> {
    const producer = await openProducer(
      { ...this.#context(), nextProducerId: () => this.#nextId++ },
      options,
    )
    this.#open.add(producer)
    return producer
  }

  /** Rejects with `PulsarError`, as the broker answers: `consumer-busy`, `topic-not-found`, ... */
  subscribe(options: ConsumerOptions): Promise<Consumer> {
    const { topic, topics = [] } = options
    const names = topic === undefined ? topics : [topic, ...topics]
    return this.#consume(names, consumerSettings(options))
  }

  /** As `subscribe`, without a subscription that would stay. */
  async createReader(options: ReaderOptions): Promise<Reader> {
    const settings = readerSettings(options, `reader-${randomUUID()}`)
    return new Reader(await this.#consume([options.topic], settings))
  }

  /** The topics that make up a partitioned topic; the topic itself when it is not partitioned. */
  async getPartitionsForTopic(topic: string): Promise<readonly string[]> {
    const parts = await topicsOf(this.#pool, fullTopicName(topic))
    return parts.map((part) => part.topic)
  }

  /** Flushes and closes every producer and consumer, then every connection. A second call does nothing more. */
  async close(): Promise<void> {
    const open = [...this.#open]
    this.#open.clear()
    await Promise.allSettled(open.map((one) => one.close()))
    this.#pool.close()
  }

  async #consume(topics: readonly string[], settings: ConsumerSettings): Promise<Consumer> {
    const consumer = await openConsumer(
      { ...this.#context(), nextConsumerId: () => this.#nextId++ },
      topics,
      settings,
    )
    this.#open.add(consumer)
    return consumer
  }

  #context() {
    return {
      pool: this.#pool,
      operationTimeoutMs: this.#operationTimeoutMs,
      onClosed: (closed: Producer | Consumer) => void this.#open.delete(closed),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

const tlsSettings = (options: ClientOptions): TlsSettings => ({
  ca: options.tlsTrustCerts ?? textOf(options.tlsTrustCertsFilePath),
  certificate: textOf(options.tlsCertificateFilePath),
  key: textOf(options.tlsPrivateKeyFilePath),
  verifyHostname: options.tlsValidateHostname,
})

const textOf = (path: string | undefined): string | undefined =>
  path === undefined ? undefined : readFileSync(path, 'utf8')
