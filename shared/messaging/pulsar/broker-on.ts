import type { Logger } from 'pino'
import { Misuse } from '../../kernel/fates.ts'
import { within } from '../../kernel/within.ts'
import { outsideTransaction } from '../../postgres/guard.ts'
import { type PulsarAdmin, pulsarAdmin } from '../../pulsar/admin/admin.ts'
import { PulsarError } from '../../pulsar/errors.ts'
import type { Broker, Publisher, SubscribeOptions } from '../port.ts'
import { administration } from './administration.ts'
import { pulsarConsumer, type WatchedConsumer } from './consumer.ts'
import type { Delivery, PulsarDriver, TopicSchema } from './driver.ts'
import { BrokerAway, fateOf } from './fates.ts'
import { pulsarPublisher } from './publisher.ts'
import { type Part, type Topics, topicDirectory } from './topics.ts'
import { consumerWatch } from './watch.ts'

export interface BrokerOptions {
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
   * broker an entry a message (30,000 messages of 500 keys in windows of 500: 30,000 entries and 9,000
   * messages/s; batches that mix keys: 1,000 entries and 40,000). Default: none, and Key_Shared is refused.
   */
  readonly keyShared?: (topic: string) => boolean
  /** What is registered with a topic when something is first published to it. Default: nothing. */
  readonly schemaOf?: (topic: string) => TopicSchema | undefined
  readonly logger?: Pick<Logger, 'error'>
}

const checkMs = 5000
const closeMs = 2000

/**
 * Pulsar behind the port, whatever client speaks to it. Partitions by Murmur3 of the key; batches what
 * one turn of the event loop publishes. What a client cannot do, or does differently, is done here:
 *
 * - Negatively acknowledged messages rest here and come to this consumer again: to ask the broker
 *   would bring back all that shares their batch, on Failover all that is unacknowledged.
 * - Delayed messages are held until they are due: the broker was seen to be 240 ms early.
 * - Messages that come again after a lost connection are not handed out a second time while they are
 *   worked on, nor when only their acknowledgement was lost.
 * - A Failover consumer that is told that another one is active forgets what nobody works on yet. The
 *   other one begins a second later (activeConsumerFailoverDelayTimeMillis).
 * - Acknowledgements are single ones with batch index, grouped by a turn of the event loop, and
 *   resolve with the broker's receipt.
 */
export const brokerOn = <Raw extends Delivery>(
  driver: PulsarDriver<Raw>,
  options: BrokerOptions,
): Broker => {
  const topics = topicDirectory(driver, options.tenant)
  const publishers = new Set<Publisher>()
  const consumers = new Set<Promise<WatchedConsumer>>()
  const watch = consumerWatch(consumers)
  let closing: Promise<void> | undefined

  const refuseWhenClosed = () => {
    if (closing) throw new Misuse('broker-closed', 'the broker is closed')
  }
  const closeAll = async () => {
    watch.stop()
    const ends = [
      ...[...publishers].map((publisher) => publisher.close()),
      ...[...consumers].map(async (consumer) => (await consumer).close()),
    ]
    // What a broker that is away has not stored by then is given up with the connections.
    await within(closeMs, Promise.allSettled(ends), () => new Error('late')).catch(() => undefined)
    await driver.close()
  }

  return {
    name: driver.name,
    ...administration(adminOf(options), topics),
    publisher({ fenced = false } = {}) {
      refuseWhenClosed()
      const publishing = pulsarPublisher(publisherOptions(driver, topics, options, fenced))
      const publisher = forgetting(publishing, () => publishers.delete(publisher))
      publishers.add(publisher)
      return publisher
    },
    async subscribe(subscribing) {
      refuseWhenClosed()
      const consumer = outsideTransaction(() => subscribe(driver, topics, options, subscribing))
      consumers.add(consumer)
      consumer.catch(() => consumers.delete(consumer))
      watch.start()
      return forgetting(await consumer, () => consumers.delete(consumer))
    },
    check: () => check(driver, options.tenant),
    close: () => (closing ??= closeAll()),
  }
}

export const adminOf = ({ serviceUrl, adminUrl, token, fetch }: BrokerOptions): PulsarAdmin =>
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

const publisherOptions = (
  driver: PulsarDriver<Delivery>,
  topics: Topics,
  { publishTimeoutMs = 8000, keyShared = () => false, schemaOf }: BrokerOptions,
  fenced: boolean,
) => ({
  topics,
  fenced,
  timeoutMs: publishTimeoutMs,
  open: (part: Part, onFenced: () => void) =>
    driver.createProducer({
      part,
      fenced,
      onFenced,
      keyBatches: keyShared(part.topic),
      schema: schemaOf?.(part.topic),
      sendTimeoutMs: publishTimeoutMs,
    }),
})

const subscribe = async <Raw extends Delivery>(
  driver: PulsarDriver<Raw>,
  topics: Topics,
  { keyShared = () => false, logger }: BrokerOptions,
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
    driver,
    onUnreadable: (error, { pulsarTopic }) =>
      logger?.error({ err: error, topic: pulsarTopic }, 'a message cannot be read and stays there'),
  })
}

const check = async (driver: PulsarDriver<Delivery>, tenant: string): Promise<void> => {
  const late = () => new BrokerAway(`Pulsar gave no answer in ${checkMs} ms`)
  try {
    await within(checkMs, driver.partitions(`persistent://${tenant}/events/outcomes`), late)
  } catch (error) {
    // A broker that says so answers.
    if (error instanceof PulsarError && error.code === 'topic-not-found') return
    throw fateOf(error, 'Pulsar')
  }
}

const forgetting = <One extends { close(): Promise<void> }>(one: One, forget: () => void): One => ({
  ...one,
  async close() {
    await one.close()
    forget()
  },
})
