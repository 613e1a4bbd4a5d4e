import { readFileSync } from 'node:fs'
import type { Authentication } from './connection/authentication.ts'
import { ConnectionPool } from './lookup/connection-pool.ts'
import { partitionsOf } from './lookup/topic-lookup.ts'
import { fullTopicName, partitionName } from './lookup/topic-name.ts'
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
  readonly #open = new Set<{ close(): Promise<void> }>()
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
      {
        pool: this.#pool,
        nextProducerId: () => this.#nextId++,
        operationTimeoutMs: this.#operationTimeoutMs,
        onClosed: (closed) => this.#open.delete(closed),
      },
      options,
    )
    this.#open.add(producer)
    return producer
  }

  /** The topics that make up a partitioned topic; the topic itself when it is not partitioned. */
  async getPartitionsForTopic(topic: string): Promise<readonly string[]> {
    const name = fullTopicName(topic)
    const partitions = await partitionsOf(this.#pool, name)
    if (partitions === 0) return [name]
    return Array.from({ length: partitions }, (_, at) => partitionName(name, at))
  }

  /** Flushes and closes every producer, then every connection. A second call does nothing more. */
  async close(): Promise<void> {
    const open = [...this.#open]
    this.#open.clear()
    await Promise.allSettled(open.map((one) => one.close()))
    this.#pool.close()
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
