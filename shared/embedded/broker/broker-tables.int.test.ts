import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import postgres from 'postgres'
import { embeddedHarness } from '../../../tests/support/broker-harness.ts'
import { testDatabase, type TestDatabase } from '../../../tests/support/postgres.ts'
import type { TidyHarness } from '../../../tests/support/prove-contract.ts'
import {
  hold,
  message,
  publishAll,
  textOf,
  texts,
  within,
} from '../../messaging/contract-suite/traffic.ts'
import { openDatabase } from '../../postgres/database.ts'

const none = async () => {}
let database: TestDatabase
let sql: postgres.Sql
let harness: TidyHarness

beforeAll(async () => {
  database = await testDatabase(['broker'])
  sql = postgres(database.url, { max: 4, onnotice: () => {} })
  harness = embeddedHarness(database.url, { kill: none, start: none })
})
afterEach(() => harness.cleanUp())
afterAll(async () => {
  await sql.end()
  await database.drop()
})

const publishByHand = (transaction: postgres.TransactionSql, topic: string, text: string) =>
  transaction`
    SELECT broker.publish(array_agg(p.id), '{1}', '{1}', '{0}', ${[text]}, ${Buffer.from(text)}, '{1}',
      ${[text.length]}, '{"{}"}', '{NULL}', '{NULL}')
    FROM broker.partition p JOIN broker.topic t ON t.id = p.topic_id WHERE t.name = ${topic}`

test('a message that commits late is not skipped, and what came after it waits for it', async () => {
  const topic = await harness.topic(1)
  const broker = harness.connect()
  const consumer = await broker.subscribe({ topics: [topic], subscription: 's', type: 'Failover' })
  let published = false
  let second: Promise<unknown> = Promise.resolve()
  await sql.begin(async (transaction) => {
    await publishByHand(transaction, topic, 'first')
    second = broker.publisher().publish(topic, message('second'))
    void second.then(() => {
      published = true
    })
    expect(await within(consumer, 200)).toEqual([])
    expect(published).toBe(false)
  })
  await second
  expect((await hold(consumer, 2)).map(textOf)).toEqual(['first', 'second'])
})

test('a consumer that lost its partition does not move the position', async () => {
  const topic = await harness.topic(1)
  const broker = harness.connect()
  const consumer = await broker.subscribe({ topics: [topic], subscription: 's', type: 'Failover' })
  await publishAll(broker.publisher(), topic, texts(3))
  const received = await hold(consumer, 3)
  await sql`
    UPDATE broker.cursor c SET epoch = epoch + 1 FROM broker.subscription s JOIN broker.topic t
      ON t.id = s.topic_id WHERE c.subscription_id = s.id AND t.name = ${topic}`
  await consumer.acknowledge(received)
  expect((await broker.stats(topic)).subscriptions).toEqual([{ name: 's', backlog: 3 }])
  expect((await hold(consumer, 3)).map(textOf)).toEqual([...texts(3)])
})

test('an acknowledgement does not resolve before it is stored', async () => {
  const topic = await harness.topic(1)
  const broker = harness.connect()
  const consumer = await broker.subscribe({ topics: [topic], subscription: 's', type: 'Failover' })
  await publishAll(broker.publisher(), topic, texts(3))
  const received = await hold(consumer, 3)
  let stored = false
  let storing: Promise<unknown> = Promise.resolve()
  await sql.begin(async (transaction) => {
    await transaction`
      SELECT 1 FROM broker.cursor c JOIN broker.subscription s ON s.id = c.subscription_id
      JOIN broker.topic t ON t.id = s.topic_id WHERE t.name = ${topic} FOR UPDATE OF c`
    storing = consumer.acknowledge(received).then(() => {
      stored = true
    })
    await within(consumer, 200)
    expect(stored).toBe(false)
  })
  await storing
  expect((await broker.stats(topic)).subscriptions).toEqual([{ name: 's', backlog: 0 }])
})

test('a process that stands still loses its partitions when its lease expires', async () => {
  const topic = await harness.topic(2)
  const broker = harness.connect()
  await broker.ensureSubscription(topic, 's')
  // A holder whose lock is held by a session that does nothing: stopped, not dead.
  const stopped = await sql.reserve()
  const [holder] = await stopped`
    INSERT INTO broker.holder (expires_at) VALUES (clock_timestamp() + interval '1 hour') RETURNING id`
  const id = Number(holder?.id)
  await stopped`SELECT pg_advisory_lock(1651666795, ${id})`
  await sql`
    WITH used AS (UPDATE broker.subscription s SET type = 'Failover' FROM broker.topic t
      WHERE t.id = s.topic_id AND t.name = ${topic} RETURNING s.id),
    added AS (INSERT INTO broker.consumer (subscription_id, id, holder_id)
      SELECT used.id, 999999, ${id} FROM used RETURNING subscription_id)
    UPDATE broker.cursor c SET consumer_id = 999999, epoch = epoch + 1 FROM added
    WHERE c.subscription_id = added.subscription_id`
  const other = await broker.subscribe({ topics: [topic], subscription: 's', type: 'Failover' })
  await publishAll(broker.publisher(), topic, texts(20))
  expect(await within(other, 300)).toEqual([])
  await sql`UPDATE broker.holder SET expires_at = clock_timestamp() WHERE id = ${id}`
  expect(new Set((await hold(other, 20)).map(textOf))).toEqual(new Set(texts(20)))
  await stopped`SELECT pg_advisory_unlock_all()`
  stopped.release()
})

test('only what everybody has acknowledged and retention no longer covers is deleted', async () => {
  const topic = await harness.topic(1)
  const broker = harness.connect()
  await publishAll(broker.publisher(), topic, texts(10))
  const count = async () =>
    (
      await sql`SELECT count(*)::int AS n FROM broker.message m JOIN broker.partition p
      ON p.id = m.partition_id JOIN broker.topic t ON t.id = p.topic_id WHERE t.name = ${topic}`
    )[0]?.n
  const options = { topics: [topic], type: 'Failover' } as const
  const fast = await broker.subscribe({ ...options, subscription: 'fast' })
  const slow = await broker.subscribe({ ...options, subscription: 'slow', type: 'Shared' })
  await fast.acknowledge(await hold(fast, 10))
  await slow.acknowledge((await hold(slow, 10)).slice(0, 4))
  await sql`SELECT broker.trim(1000)`
  expect(await count()).toBe(10)
  await sql`UPDATE broker.topic SET retention = '0' WHERE name = ${topic}`
  await sql`SELECT broker.trim(1000)`
  expect(await count()).toBe(6)
  await broker.ensureSubscription(topic, 'later')
  const later = await broker.subscribe({ ...options, subscription: 'later' })
  const rest = await hold(later, 6)
  expect(rest.map(textOf)).toEqual(texts(10).slice(4))
  await later.acknowledge(rest)
  const { subscriptions } = await broker.stats(topic)
  expect(subscriptions.find(({ name }) => name === 'later')?.backlog).toBe(0)
})

test('publishing and acknowledging inside a transaction are refused', async () => {
  const topic = await harness.topic(1)
  const broker = harness.connect()
  const consumer = await broker.subscribe({ topics: [topic], subscription: 's', type: 'Failover' })
  const publisher = broker.publisher()
  const own = openDatabase(database.url, { name: 'test' })
  await own.transaction(async () => {
    const misuse = { slug: 'inside-transaction' }
    expect(await publisher.publish(topic, message('x')).catch((e) => e)).toMatchObject(misuse)
    expect(await consumer.acknowledge([]).catch((e) => e)).toMatchObject(misuse)
  })
  await own.close()
})

test('a subscription goes over from one type to another without losing or repeating anything', async () => {
  const topic = await harness.topic(1)
  const broker = harness.connect()
  await publishAll(broker.publisher(), topic, texts(12))
  const left = new Set(texts(12))
  for (const type of ['Failover', 'Shared', 'Failover', 'Key_Shared'] as const) {
    const consumer = await broker.subscribe({ topics: [topic], subscription: 's', type })
    const received = await hold(consumer, left.size)
    expect(new Set(received.map(textOf))).toEqual(left)
    const some = received.filter((_, i) => i % 4 === 1)
    await consumer.acknowledge(some)
    for (const one of some) left.delete(textOf(one))
    expect((await broker.stats(topic)).subscriptions).toEqual([{ name: 's', backlog: left.size }])
    await consumer.close()
  }
})
