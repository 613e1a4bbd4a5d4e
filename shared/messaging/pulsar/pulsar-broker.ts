import type { Logger } from 'pino'
import { Misuse } from '../../kernel/fates.ts'
import { within } from '../../kernel/within.ts'
import { outsideTransaction } from '../../postgres/guard.ts'
import { type PulsarAdmin, pulsarAdmin } from '../../pulsar/admin/admin.ts'
import { Client } from '../../pulsar/client.ts'
import { AuthenticationToken } from '../../pulsar/connection/authentication.ts'
import { PulsarError } from '../../pulsar/errors.ts'
import { Schema } from '../../pulsar/schema/schema.ts'
import type { Broker, Publisher, SubscribeOptions } from '../port.ts'
import { administration } from './administration.ts'
import { pulsarConsumer, type WatchedConsumer } from './consumer.ts'
import { BrokerAway, fateOf } from './fates.ts'
import { openFeed } from './feed.ts'
import { pulsarPublisher } from './publisher.ts'
import { type Part, type Topics, topicDirectory } from './topics.ts'

export interface PulsarBrokerOptions {
  /** `pulsar://host[:6650][,host2]` or `pulsar+ssl://`. */
  readonly serviceUrl: string
  /** Default: the first host, port 8080, with TLS 8443. */
  readonly adminUrl?: string
  readonly token?: string | (() => Promise<string>)
  /** PEM text of the authorities trusted. */
  readonly tlsCa?: string
  /** For the admin interface behind an authority of one's own. Default the global one. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Stands in for `aeroalpes` in the names of topics. */
  readonly tenant: string
  /** How long a message may take to be stored, in ms. Default 8000. */
  readonly publishTimeoutMs?: number
  /**
   * Whether a topic may be read with Key_Shared: its batches hold one key each then, which costs the
   * broker an entry a message. Default: none, and Key_Shared is refused.
   */
  readonly keyShared?: (topic: string) => boolean
  /** What is registered with a topic when something is first published to it. Default: nothing. */
  readonly schemaOf?: (topic: string) => TopicSchema | undefined
  readonly logger?: Pick<Logger, 'error'>
}

interface TopicSchema {
  readonly type: 'JSON' | 'AVRO'
  readonly definition: string
}

const lookMs = 500
const checkMs = 5000

/**
 * Apache Pulsar behind the port, through our own client. Connects when first used; partitions by
 * Murmur3 of the key.
 */
export const pulsarBroker = (options: PulsarBrokerOptions): Broker => {
  const client = clientOf(options)
  const admin = adminOf(options)
  const topics = topicDirectory(client, options.tenant)
  const publishers = new Set<Publisher>()
  const consumers = new Set<Promise<WatchedConsumer>>()
  const watch = watchOf(consumers)
  let closing: Promise<void> | undefined

  const refuseWhenClosed = () => {
    if (closing) throw new Misuse('broker-closed', 'the broker is closed')
  }
  const closeAll = async () => {
    watch.stop()
    await Promise.all([...publishers].map((publisher) => publisher.close()))
    await Promise.allSettled([...consumers].map(async (consumer) => (await consumer).close()))
    await client.close()
  }

  return {
    name: 'pulsar',
    ...administration(admin, topics),
    publisher({ fenced = false } = {}) {
      refuseWhenClosed()
      const publisher = forgetting(
        pulsarPublisher(publishing(client, topics, options, fenced)),
        () => publishers.delete(publisher),
      )
      publishers.add(publisher)
      return publisher
    },
    async subscribe(subscribing) {
      refuseWhenClosed()
      const consumer = outsideTransaction(() => subscribe(client, topics, options, subscribing))
      consumers.add(consumer)
      consumer.catch(() => consumers.delete(consumer))
      watch.start()
      return forgetting(await consumer, () => consumers.delete(consumer))
    },
    check: () => check(client, options.tenant),
    close: () => (closing ??= closeAll()),
  }
}

/** A client with the access that the broker has. */
export const clientOf = ({
  serviceUrl,
  token,
  tlsCa,
}: Pick<PulsarBrokerOptions, 'serviceUrl' | 'token' | 'tlsCa'>): Client =>
  new Client({
    serviceUrl,
    authentication: token === undefined ? undefined : new AuthenticationToken({ token }),
    tlsTrustCerts: tlsCa,
    operationTimeoutSeconds: 10,
    // Each partition has its own producers and consumers here, and their number is fixed.
    partitionsUpdateIntervalSeconds: 0,
  })

const adminOf = ({ serviceUrl, adminUrl, token, fetch }: PulsarBrokerOptions): PulsarAdmin =>
  pulsarAdmin({
    url: adminUrl ?? adminUrlOf(serviceUrl),
    ...(token ? { token } : {}),
    ...(fetch ? { fetch } : {}),
    timeoutMs: 10_000,
  })

/** Where the admin interface of a broker is unless somebody moved it. */
export const adminUrlOf = (serviceUrl: string): string => {
  const [, tls, host] = /^pulsar(\+ssl)?:\/\/(\[[^\]]+\]|[^:,/]+)/.exec(serviceUrl) ?? []
  return tls ? `https://${host}:8443` : `http://${host}:8080`
}

const publishing = (
  client: Client,
  topics: Topics,
  { publishTimeoutMs = 8000, keyShared = () => false, schemaOf }: PulsarBrokerOptions,
  fenced: boolean,
) => ({
  topics,
  fenced,
  timeoutMs: publishTimeoutMs,
  open: ({ topic, pulsarTopic }: Part, onFenced: () => void) =>
    client.createProducer({
      topic: pulsarTopic,
      schema: schemaFor(schemaOf?.(topic)),
      onFenced,
      accessMode: fenced ? 'ExclusiveWithFencing' : 'Shared',
      batchingType: keyShared(topic) ? 'KeyBasedBatching' : 'DefaultBatching',
      sendTimeoutMs: publishTimeoutMs,
      maxPendingMessages: 100_000,
    }),
})

const schemaFor = (schema: TopicSchema | undefined) => {
  if (!schema) return undefined
  const { type, definition } = schema
  return type === 'AVRO' ? Schema.avro<Uint8Array>(definition) : Schema.json<Uint8Array>(definition)
}

const subscribe = async (
  client: Client,
  topics: Topics,
  { keyShared = () => false, logger }: PulsarBrokerOptions,
  subscribing: SubscribeOptions,
): Promise<WatchedConsumer> => {
  const mixed = subscribing.topics.filter((topic) => !keyShared(topic))
  if (subscribing.type === 'Key_Shared' && mixed.length > 0)
    throw new Misuse(
      'key-shared-refused',
      `${mixed.join()}: its batches mix keys; name it in keyShared where it is published, or use Failover`,
    )
  const parts = (await Promise.all(subscribing.topics.map((topic) => topics.parts(topic)))).flat()
  return pulsarConsumer({
    ...subscribing,
    parts,
    openFeed: (part, how, events) => openFeed(client, part, how, events),
    onUnreadable: (error, { pulsarTopic }) =>
      logger?.error({ err: error, topic: pulsarTopic }, 'a message cannot be read and stays there'),
  })
}

const check = async (client: Client, tenant: string): Promise<void> => {
  const late = () => new BrokerAway(`Pulsar gave no answer in ${checkMs} ms`)
  const asked = client.getPartitionsForTopic(`persistent://${tenant}/events/outcomes`)
  try {
    await within(checkMs, asked, late)
  } catch (error) {
    // A broker that says so answers.
    if (error instanceof PulsarError && error.code === 'topic-not-found') return
    throw fateOf(error, 'Pulsar')
  }
}

/** Looks after all consumers with one timer, and with none while there are no consumers. */
const watchOf = (consumers: ReadonlySet<Promise<WatchedConsumer>>) => {
  let timer: ReturnType<typeof setInterval> | undefined
  const stop = () => {
    clearInterval(timer)
    timer = undefined
  }
  const look = () => {
    if (consumers.size === 0) return stop()
    for (const consumer of consumers) consumer.then((one) => one.look()).catch(() => undefined)
  }
  return {
    start() {
      timer ??= setInterval(look, lookMs)
      timer.unref?.()
    },
    stop,
  }
}

const forgetting = <One extends { close(): Promise<void> }>(one: One, forget: () => void): One => ({
  ...one,
  async close() {
    await one.close()
    forget()
  },
})
