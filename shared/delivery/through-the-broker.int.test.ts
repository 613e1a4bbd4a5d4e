import { afterAll, beforeAll, expect, test } from 'bun:test'
import {
  applyEffects,
  createEffects,
  effects,
  received,
  silent,
} from '../../tests/support/delivery-probe.ts'
import { idsOf } from '../../tests/support/delivery-setup.ts'
import { type TestDatabase, testDatabase } from '../../tests/support/postgres.ts'
import { until } from '../../tests/support/until.ts'
import { embeddedBroker } from '../embedded/broker/embedded-broker.ts'
import type { Broker } from '../messaging/port.ts'
import { type Database, openDatabase } from '../postgres/database.ts'
import { consumeBatches, type BatchConsumer } from './batch-consumer.ts'
import { appendOutbox, outboxDepth } from './outbox.ts'
import { startRelay } from './relay.ts'
import type { Work } from './work.ts'

const commands = 'persistent://aeroalpes/commands/test'
const events = 'persistent://aeroalpes/events/test'
let home: TestDatabase
let database: Database
let broker: Broker

beforeAll(async () => {
  home = await testDatabase(['broker', 'delivery'])
  database = openDatabase(home.url, { name: 'test', max: 16 })
  broker = embeddedBroker({ database })
  await createEffects(database)
  for (const topic of [commands, events]) await broker.ensureTopic(topic, 4)
  await broker.ensureSubscription(commands, 'worker')
  await broker.ensureSubscription(events, 'projector')
}, 60_000)
afterAll(async () => {
  await broker.close()
  await database.close()
  await home.drop()
}, 60_000)

test('commands become events become effects, once and in order, while consumers come and go', async () => {
  const relay = startRelay({ database, broker, logger: silent })
  // The lock that orders the key's ids in the outbox.
  const worker: Work = {
    async handle(transaction, deliveries) {
      await transaction.query(
        'INSERT INTO target SELECT unnest($1::text[]) ORDER BY 1 ON CONFLICT DO NOTHING',
        [[...new Set(deliveries.map(({ key }) => key))]],
      )
      await transaction.query(
        'SELECT FROM target WHERE key = ANY ($1::text[]) ORDER BY key FOR UPDATE',
        [deliveries.map(({ key }) => key)],
      )
      await appendOutbox(
        transaction,
        deliveries.map(({ key, id }) => ({
          topic: events,
          message: received(key, `event of ${id}`),
        })),
      )
      return { deferred: [] }
    },
    committed: relay.wake,
  }
  const projector: Work = {
    async handle(transaction, deliveries) {
      await applyEffects(transaction, deliveries)
      return { deferred: [] }
    },
  }
  const start = (subscription: string, topic: string, work: Work): BatchConsumer =>
    consumeBatches({ broker, database, subscription, topics: [topic], work, logger: silent })
  const first = start('worker', commands, worker)
  const others = [start('projector', events, projector)]

  const names = Array.from({ length: 2000 }, (_, n) => ({ key: `key ${n % 30}`, id: `m${n}` }))
  const publisher = broker.publisher()
  const publish = (from: number, to: number) =>
    Promise.all(
      names.slice(from, to).map(({ key, id }) => publisher.publish(commands, received(key, id))),
    )
  await publish(0, 1000)
  others.push(start('worker', commands, worker), start('projector', events, projector))
  const publishing = publish(1000, 2000)
  await first.stop()
  await publishing
  await until(async () => (await effects(database)).length >= 2000, 30_000)
  await Promise.all([...others, relay].map((role) => role.stop()))

  const all = await effects(database)
  expect(all.length).toBe(2000)
  for (const [key, ofKey] of Map.groupBy(all, (effect) => effect.key))
    expect(idsOf(ofKey)).toEqual(
      names.filter((name) => name.key === key).map(({ id }) => `event of ${id}`),
    )
  expect(await outboxDepth(database)).toBe(0)
  const backlogs = await Promise.all([commands, events].map((topic) => broker.stats(topic)))
  for (const { subscriptions } of backlogs)
    expect(subscriptions.map(({ backlog }) => backlog)).toEqual([0])
}, 60_000)
