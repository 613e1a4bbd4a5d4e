import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import {
  createEffects,
  effects,
  lockingWork,
  received,
  silent,
} from '../../tests/support/delivery-probe.ts'
import { testDatabase, type TestDatabase } from '../../tests/support/postgres.ts'
import { scriptedBroker, type ScriptedBroker } from '../../tests/support/scripted-broker.ts'
import { openDatabase, type Database } from '../postgres/database.ts'
import { consumeBatches, type BatchConsumer, type ConsumerOptions } from './batch-consumer.ts'

let test_: TestDatabase
let database: Database
let broker: ScriptedBroker
let consumers: BatchConsumer[]

beforeAll(async () => {
  test_ = await testDatabase(['delivery'])
  database = openDatabase(test_.url, { name: 'test' })
  await createEffects(database)
})
afterAll(async () => {
  await database.close()
  await test_.drop()
})
beforeEach(async () => {
  broker = scriptedBroker()
  consumers = []
  await database.query(
    'TRUNCATE effect, target, delivery.inbox, delivery.lane, delivery.lane_message, delivery.attempt, delivery.in_flight, delivery.outbox',
  )
})
afterEach(async () => {
  await Promise.all(consumers.map((consumer) => consumer.stop()))
})

const consume = (options: Partial<ConsumerOptions> = {}) => {
  const consumer = consumeBatches({
    broker,
    database,
    subscription: 'test',
    topics: ['topic'],
    work: lockingWork(),
    logger: silent,
    patience: { retryPauseMs: 1 },
    ...options,
  })
  consumers.push(consumer)
  return consumer
}

const ids = (messages: readonly { readonly id: string }[]) => messages.map(({ id }) => id)
const count = async (table: string) =>
  Number((await database.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n)

test('a batch takes effect in order, once, and is acknowledged after its commit', async () => {
  const messages = Array.from({ length: 100 }, (_, n) => received(`key ${n % 7}`, `m${n}`))
  consume()
  broker.deliver([...messages, ...messages.slice(0, 30)])
  await broker.acknowledgedAll(ids(messages))
  expect((await effects(database)).map(({ id }) => id)).toEqual(messages.map((_, n) => `m${n}`))
})

test('a batch of 100 costs delivery four statements', async () => {
  consume()
  broker.deliver([received('warm up', 'w')])
  await broker.acknowledgedAll(['broker w'])
  const before = database.statements
  const messages = Array.from({ length: 100 }, (_, n) => received(`key ${n}`, `m${n}`))
  broker.deliver(messages)
  await broker.acknowledgedAll(ids(messages))
  const ofTheWork = 3
  expect(database.statements - before - ofTheWork).toBe(4)
})
