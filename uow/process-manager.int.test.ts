import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import pino from 'pino'
import { z } from 'zod'
import { eventsOf } from '../shared/contracts/contract.ts'
import { subscriptions } from '../shared/contracts/topology.ts'
import { upcastFrom } from '../shared/contracts/upcasting.ts'
import type { BatchConsumer } from '../shared/delivery/batch-consumer.ts'
import { listDeadLetters } from '../shared/delivery/lane-listing.ts'
import { redriveLane } from '../shared/delivery/lane-operations.ts'
import { newId } from '../shared/kernel/ids.ts'
import { type Envelope, toMessage } from '../shared/messaging/envelope.ts'
import type { ReceivedMessage } from '../shared/messaging/port.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import { type ScriptedBroker, scriptedBroker } from '../tests/support/scripted-broker.ts'
import { Note, tallied, tally } from '../tests/support/tally-saga.ts'
import { until } from '../tests/support/until.ts'
import { type ProcessManagerOptions, startProcessManager } from './process-manager.ts'

let home: TestDatabase
let database: Database
let broker: ScriptedBroker
let running: BatchConsumer | undefined
beforeAll(async () => {
  home = await testDatabase(['delivery', 'uow'])
  database = openDatabase(home.url, { name: 'test', max: 6 })
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
}, 60_000)
beforeEach(async () => {
  broker = scriptedBroker()
  await database.query('TRUNCATE uow.timer, uow.saga, uow.event, delivery.outbox, delivery.inbox')
})
afterEach(() => running?.stop())

const start = (options: Partial<ProcessManagerOptions> = {}) => {
  const logger = pino({ level: 'silent' })
  running = startProcessManager({ broker, database, logger, saga: tally, pollMs: 5, ...options })
}
const deliver = (...envelopes: readonly Envelope[]) =>
  broker.deliver(
    envelopes.map((envelope): ReceivedMessage => ({
      ...toMessage(envelope),
      id: envelope.id,
      topic: 'events/tally',
      partition: 0,
      publishTime: new Date(),
      redeliveryCount: 0,
    })),
  )
const timers = async () =>
  (await database.query<{ state: string }>('SELECT state FROM uow.timer')).map(({ state }) => state)
const { Added, ...others } = tally.contracts
const amount = z
  .strictObject({ points: z.number() })
  .transform(({ points }) => ({ amount: points }))
/** What a later build listens to. */
const later = {
  ...others,
  Added: eventsOf('tally')('Added', amount, 2, {
    1: upcastFrom(Added.schema, ({ amount: points }) => ({ points })),
  }),
}
const makeDue = () => database.query(`UPDATE uow.timer SET due_at = now() - interval '1 hour'`)

test('a timer that became due while nobody listened waits for what has come meanwhile', async () => {
  let now = 0
  const calm = { quietMs: 1000, clock: () => now }
  start({ calm })
  deliver(tallied('began', 'a', 'Began'))
  await broker.acknowledgedAll(['began'])
  await running?.stop()
  await makeDue()
  start({ calm })
  now += 999
  // It was in time, and ends the timer.
  deliver(tallied('stop', 'a', 'Stopped'))
  await broker.acknowledgedAll(['stop'])
  now += 1000
  deliver(tallied('began b', 'b', 'Began'))
  await until(async () => (await timers()).includes('set'))
  await makeDue()
  await until(async () => {
    now += 1000
    return (await timers()).includes('fired')
  })
  expect(await timers()).toEqual(['fired'])
})

test('while the broker is away no timer fires, and then not before what is to come has come', async () => {
  let now = 0
  start({ calm: { quietMs: 1000, clock: () => now } })
  deliver(tallied('began', 'a', 'Began'))
  await broker.acknowledgedAll(['began'])
  now += 1000
  broker.away = true
  deliver(tallied('wakes the consumer', 'b', 'Unheard'))
  await until(async () => (await running?.check())?.some(({ ok }) => !ok))
  await makeDue()
  now += 1000
  broker.away = false
  await until(async () => (await running?.check())?.every(({ ok }) => ok))
  expect(await timers()).toEqual(['set'])
  await until(async () => {
    now += 1000
    return (await timers()).includes('fired')
  })
})

test('after an outage of the database timers fire, although nothing comes, but none of another saga', async () => {
  let isAway = true
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  const refusing = {
    ...database,
    query: ((...given) =>
      isAway ? Promise.reject(refused) : database.query(...given)) as typeof database.query,
    transaction: ((...given) =>
      isAway
        ? Promise.reject(refused)
        : database.transaction(...given)) as typeof database.transaction,
  }
  let now = 0
  start({ database: refusing, lanePollMs: 10, calm: { quietMs: 1000, clock: () => now } })
  await until(async () => (await running?.check())?.filter(({ ok }) => !ok).length === 2)
  await database.query(
    `INSERT INTO uow.timer (id, state, due_at, name, topic, type, key, data, correlation_id, causation_id)
     SELECT gen_random_uuid(), 'set', now() - interval '1 hour', 'n', 't', 'y', saga,
       json_build_object('saga', saga), 'c', 'c' FROM unnest(ARRAY['another', 'tally']) AS saga`,
  )
  isAway = false
  await until(async () => {
    now += 1000
    return (await timers()).includes('fired')
  })
  const [left] = await database.query(`SELECT key FROM uow.timer WHERE state = 'set'`)
  expect(left).toEqual({ key: 'another' })
})

test('an answer of a newer build holds back the timer after it, until a build that knows it goes on', async () => {
  const sent = async () =>
    (
      await database.query<{ total: number }>(
        `SELECT (convert_from(payload, 'UTF8')::json->>'total')::integer AS total FROM delivery.outbox
         WHERE topic = $1 AND key = 'a' ORDER BY id`,
        [Note.topic],
      )
    ).map(({ total }) => total)
  const newer = { ...tallied('newer', 'a', 'Added', { points: 7 }), type: later.Added.type }
  const timer = { timer_id: newId(), saga: 'tally', saga_id: 'a', name: 'patience' }
  start()
  deliver(tallied('began', 'a', 'Began'), newer, tallied('due', 'a', 'TimerFired', timer))
  deliver(tallied('began b', 'b', 'Began'))
  await broker.acknowledgedAll(['began', 'newer', 'due', 'began b'])
  expect(await listDeadLetters(database)).toMatchObject([
    { messageId: 'newer', slug: 'unknown-version', waiting: 1 },
  ])
  expect(await sent()).toEqual([0])
  await running?.stop()

  start({ saga: { ...tally, contracts: later }, lanePollMs: 10 })
  await redriveLane(database, { subscription: subscriptions.processManager, key: 'a' })
  await until(async () => (await sent()).length === 3)
  expect(await sent()).toEqual([0, 7, -1])
})

test('sagas that ended long ago are deleted beside the work', async () => {
  await database.query(
    `INSERT INTO uow.event (stream_module, stream_id, version, id, type, data, time,
       correlation_id, causation_id, command_id)
     VALUES ('tally', 'a', 1, gen_random_uuid(), 'aeroalpes.tally.Stopped.v1', '{}', now(), 'c', 'c', 'c')`,
  )
  await database.query(
    `INSERT INTO uow.saga (saga, id, version, step, ended_at, state, started_at, updated_at)
     SELECT 'tally', 'a', 1, 'x', began, '{}', began, began FROM (SELECT now() - interval '40 days' AS began) AS t`,
  )
  start({ purgeMs: 1 })
  await until(async () => (await database.query('SELECT FROM uow.saga')).length === 0)
})
