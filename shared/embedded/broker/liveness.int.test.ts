import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import postgres from 'postgres'
import { embeddedHarness } from '../../../tests/support/broker-harness.ts'
import { deafProxy } from '../../../tests/support/deaf-proxy.ts'
import { testDatabase, type TestDatabase } from '../../../tests/support/postgres.ts'
import type { TidyHarness } from '../../../tests/support/prove-contract.ts'
import { until } from '../../../tests/support/until.ts'
import { hold, message, publishAll, textOf, texts } from '../../messaging/contract-suite/traffic.ts'
import { embeddedBroker } from './embedded-broker.ts'

const none = async () => {}
let database: TestDatabase
let sql: postgres.Sql
let harness: TidyHarness
const realNow = performance.now

beforeAll(async () => {
  database = await testDatabase(['broker'])
  sql = postgres(database.url, { max: 2, onnotice: () => {} })
  harness = embeddedHarness(database.url, { kill: none, start: none })
})
afterEach(async () => {
  performance.now = realNow
  await harness.cleanUp()
})
afterAll(async () => {
  await sql.end()
  await database.drop()
})

test.each(['Failover', 'Shared'] as const)(
  'a %s consumer that could not begin leaves nobody behind who keeps messages from others',
  async (type) => {
    const [first, second] = [await harness.topic(4), await harness.topic(1)]
    const broker = harness.connect()
    await broker.ensureSubscription(second, 's')
    const options = { topics: [first, second], subscription: 's', type }
    await sql.begin(async (transaction) => {
      await transaction`
        SELECT 1 FROM broker.subscription s JOIN broker.topic t ON t.id = s.topic_id
        WHERE t.name = ${second} FOR UPDATE`
      const failed = await broker.subscribe(options).catch((error: unknown) => error)
      expect(failed).toMatchObject({ slug: 'broker-unavailable' })
    })
    const consumer = await until(() => broker.subscribe(options).catch(() => undefined))
    await publishAll(broker.publisher(), first, texts(40))
    expect(new Set((await hold(consumer!, 40)).map(textOf))).toEqual(new Set(texts(40)))
    await until(async () => (await harness.census()).consumers === 2)
  },
  20_000,
)

test('a consumer whose process stood still hands nothing out until it knows its leases, and then all', async () => {
  const topic = await harness.topic(1)
  const broker = harness.connect()
  await publishAll(broker.publisher(), topic, texts(1000), () => 'k')
  const options = { topics: [topic], subscription: 's', type: 'Failover' as const }
  const consumer = await broker.subscribe(options)
  const [before] = await hold(consumer, 1)
  // Others take this process for dead 6.5 s after its last pulse.
  performance.now = () => realNow.call(performance) + 6600
  const receiving = consumer.receive(1)
  const soon = new Promise<undefined>((resolve) => setImmediate(resolve))
  expect(await Promise.race([receiving, soon])).toBeUndefined()
  expect((await receiving).map(textOf)).toEqual(['m-1'])
  expect(textOf(before!)).toBe('m-0')
})

test('a non-durable consumer whose read broke goes on', async () => {
  const topic = await harness.topic(1)
  const broker = harness.connect()
  const options = { topics: [topic], subscription: 'tail', type: 'Exclusive' as const }
  const consumer = await broker.subscribe({ ...options, durable: false })
  await sql.begin(async (transaction) => {
    await transaction`LOCK TABLE broker.message IN ACCESS EXCLUSIVE MODE`
    await transaction`
      SELECT broker.publish(array_agg(p.id), '{1}', '{1}', '{0}', '{k}', 'heard', '{1}', '{5}',
        '{"{}"}', '{NULL}', '{NULL}')
      FROM broker.partition p JOIN broker.topic t ON t.id = p.topic_id WHERE t.name = ${topic}`
    const [row] = await transaction`
      SELECT p.id, p.next_seq FROM broker.partition p JOIN broker.topic t ON t.id = p.topic_id
      WHERE t.name = ${topic}`
    await sql`SELECT pg_notify('aeroalpes_broker', ${`test ${row!.id}:${row!.next_seq}`})`
    await until(endRead)
  })
  const received = await until(async () => {
    const messages = await consumer.receive(1, AbortSignal.timeout(500)).catch(() => [])
    return messages.length > 0 ? messages : undefined
  })
  expect(received!.map(textOf)).toEqual(['heard'])
}, 20_000)

const endRead = async () => {
  const ended = await sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'aeroalpes broker'
      AND wait_event_type = 'Lock' AND query LIKE '%FROM broker.message%'`
  return ended.length > 0
}

test('a message that runs out of time while it is being stored says that it may be stored', async () => {
  const topic = await harness.topic(1)
  const broker = embeddedBroker({ database, publishTimeoutMs: 300 })
  const publisher = broker.publisher()
  await publisher.publish(topic, message('first'))
  await sql.begin(async (transaction) => {
    await transaction`LOCK TABLE broker.partition`
    const late = await publisher.publish(topic, message('late')).catch((error: unknown) => error)
    expect(late).toMatchObject({ slug: 'broker-unavailable', sendBegan: true })
  })
  await broker.close()
})

test('a process whose session was ended without a word stands up again', async () => {
  const topic = await harness.topic(1)
  const proxy = await deafProxy(database.url)
  const broker = embeddedBroker({ database: proxy })
  const consumer = await broker.subscribe({ topics: [topic], subscription: 's', type: 'Failover' })
  proxy.deaf = true
  await sql`
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'aeroalpes broker%'`
  proxy.deaf = false
  await publishAll(harness.connect().publisher(), topic, texts(1))
  const received = await until(async () => {
    const messages = await consumer.receive(1, AbortSignal.timeout(1000)).catch(() => [])
    return messages.length > 0 ? messages : undefined
  }, 20_000)
  expect(received!.map(textOf)).toEqual([...texts(1)])
  await broker.close()
  proxy.close()
}, 30_000)

test('acknowledgements that a crash of Postgres forgets are stored again when it is back', async () => {
  const topic = await harness.topic(1)
  const broker = harness.connect()
  const options = { topics: [topic], subscription: 's', type: 'Failover' as const }
  const consumer = await broker.subscribe(options)
  await publishAll(broker.publisher(), topic, texts(3))
  await consumer.acknowledge(await hold(consumer, 3))
  const backlog = async () => (await broker.stats(topic)).subscriptions[0]?.backlog
  expect(await backlog()).toBe(0)
  await sql`
    UPDATE broker.cursor c SET mark = 0 FROM broker.subscription s JOIN broker.topic t
      ON t.id = s.topic_id WHERE c.subscription_id = s.id AND t.name = ${topic}`
  await sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'aeroalpes broker session'`
  await until(async () => (await backlog()) === 0)
})
