import { randomUUID } from 'node:crypto'
import { Misuse } from '../../kernel/fates.ts'
import type { Broker, Consumer, Publisher, SubscribeOptions } from '../../messaging/port.ts'
import { type Database, openDatabase } from '../../postgres/database.ts'
import { outsideTransaction } from '../../postgres/guard.ts'
import type { BrokerCore } from './core.ts'
import { cursorStore } from './cursor-store.ts'
import { dealtConsumer } from './dealt-consumer.ts'
import { Heads } from './heads.ts'
import type { Subscribed } from './lease-keeper.ts'
import { leasedConsumer } from './leased-consumer.ts'
import { noticeSender } from './notices.ts'
import { PublishQueue } from './publish-queue.ts'
import { embeddedPublisher } from './publisher.ts'
import { type Pulse, startPulse } from './pulse.ts'
import { messageReader } from './reader.ts'
import { startTrimming, type Trimming } from './retention.ts'
import { ask } from './statements.ts'
import { topicStats } from './stats.ts'
import { tailConsumer } from './tail-consumer.ts'
import { topicDirectory } from './topics.ts'

export interface EmbeddedBrokerOptions {
  /** Only its url is used: the broker keeps a few connections of its own. */
  readonly database: Pick<Database, 'url'>
  /** How long a message may take to be stored, in ms. Default 8000. */
  readonly publishTimeoutMs?: number
}

/**
 * The embedded default: a broker in the tables of the schema `broker`, durable as Postgres is, for
 * any number of processes. Opens at most four connections, and none before it is used.
 */
export const embeddedBroker = (options: EmbeddedBrokerOptions): Broker => {
  const { core, close: closeCore, queue } = openCore(options)
  const timeoutMs = options.publishTimeoutMs ?? 8000
  const publishers = new Set<Publisher>()
  const consumers = new Set<Promise<Consumer>>()
  let closing: Promise<void> | undefined

  const refuseWhenClosed = () => {
    if (closing) throw new Misuse('broker-closed', 'the broker is closed')
  }
  const closeAll = async () => {
    await Promise.all([...publishers].map((publisher) => publisher.close()))
    await Promise.allSettled([...consumers].map(async (consumer) => (await consumer).close()))
    await closeCore()
  }

  return {
    name: 'embedded',
    async ensureTopic(topic, partitions) {
      await ask(core.database, 'SELECT broker.ensure_topic($1, $2)', [topic, partitions])
    },
    async ensureSubscription(topic, subscription, from) {
      await ensure(core, topic, subscription, from)
    },
    publisher() {
      refuseWhenClosed()
      const publisher = embeddedPublisher({ topics: core.topics, queue, timeoutMs })
      publishers.add(publisher)
      return publisher
    },
    async subscribe(subscribing) {
      refuseWhenClosed()
      const consumer = outsideTransaction(() => subscribe(core, subscribing))
      consumers.add(consumer)
      consumer.catch(() => consumers.delete(consumer))
      return forgetting(await consumer, () => consumers.delete(consumer))
    },
    stats: (topic) => topicStats(core, topic),
    async check() {
      await ask(core.database, 'SELECT 1 AS one')
    },
    close: () => (closing ??= closeAll()),
  }
}

const openCore = ({ database: { url } }: EmbeddedBrokerOptions) => {
  const database = openDatabase(steady(url), { name: 'broker', max: 6, genericPlans: true })
  const name = randomUUID().slice(0, 8)
  const heads = new Heads()
  const notices = noticeSender(database, name)
  const queue = new PublishQueue({
    database,
    onStored(news) {
      heads.raise(news)
      notices.published(news)
    },
  })
  let pulse: Promise<Pulse> | undefined
  let trimming: Trimming | undefined
  const core: BrokerCore = {
    database,
    topics: topicDirectory(database),
    heads,
    notices,
    reader: messageReader(database, heads),
    cursors: cursorStore(database),
    pulse() {
      trimming ??= startTrimming(database)
      pulse ??= startPulse({ database, heads, notices, name }).catch((error: unknown) => {
        pulse = undefined
        throw error
      })
      return pulse
    },
  }
  const close = async () => {
    queue.close()
    await trimming?.stop()
    await pulse?.then((started) => started.close()).catch(() => undefined)
    await notices.close()
    await database.close()
  }
  return { core, close, queue }
}

/**
 * Plans are made while tables are still empty and kept: a sequential scan that was right then would
 * stay. Everything here is found by its key (https://www.postgresql.org/docs/18/runtime-config-query.html).
 */
const steady = (url: string): string => {
  const steadied = new URL(url)
  for (const name of ['enable_seqscan', 'enable_bitmapscan']) steadied.searchParams.set(name, 'off')
  return steadied.toString()
}

const ensure = async (
  core: BrokerCore,
  name: string,
  subscription: string,
  from: SubscribeOptions['from'],
): Promise<Subscribed> => {
  const topic = await core.topics.find(name)
  const [row] = await ask<{ id: number }>(
    core.database,
    'SELECT broker.ensure_subscription($1, $2, $3) AS id',
    [name, subscription, from === 'latest'],
  )
  return { topic, subscriptionId: row?.id ?? 0 }
}

const subscribe = async (core: BrokerCore, options: SubscribeOptions): Promise<Consumer> => {
  if (options.durable === false) {
    const topics = await Promise.all(options.topics.map((topic) => core.topics.find(topic)))
    return tailConsumer(core, topics, options)
  }
  const subscribed: Subscribed[] = []
  for (const topic of options.topics)
    subscribed.push(await ensure(core, topic, options.subscription, options.from))
  return options.type === 'Shared' || options.type === 'Key_Shared'
    ? dealtConsumer(core, subscribed, options)
    : leasedConsumer(core, subscribed, options)
}

const forgetting = (consumer: Consumer, forget: () => void): Consumer => ({
  ...consumer,
  async close() {
    await consumer.close()
    forget()
  },
})
