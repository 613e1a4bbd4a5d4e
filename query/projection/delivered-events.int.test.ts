import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { z } from 'zod'
import { eventsOf } from '../../shared/contracts/contract.ts'
import { reservationEvents } from '../../shared/contracts/reservations.ts'
import { upcastFrom } from '../../shared/contracts/upcasting.ts'
import { type BatchConsumer, consumeBatches } from '../../shared/delivery/batch-consumer.ts'
import { listDeadLetters } from '../../shared/delivery/lane-listing.ts'
import { redriveLane } from '../../shared/delivery/lane-operations.ts'
import { newId } from '../../shared/kernel/ids.ts'
import { type Envelope, toMessage } from '../../shared/messaging/envelope.ts'
import type { ReceivedMessage } from '../../shared/messaging/port.ts'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import { createLogger } from '../../shared/telemetry/logger.ts'
import { type TestDatabase, testDatabase } from '../../tests/support/postgres.ts'
import { created, reservationHistory } from '../../tests/support/recorded-events.ts'
import { type ScriptedBroker, scriptedBroker } from '../../tests/support/scripted-broker.ts'
import { until } from '../../tests/support/until.ts'
import { shuffledInWindows } from '../../tests/support/shuffle.ts'
import { reservationStream } from '../reservations/reservation.stream.ts'
import { projectorWork } from './projector.work.ts'
import type { Stream } from './view.ts'

let home: TestDatabase
let database: Database
let broker: ScriptedBroker
let projector: BatchConsumer
beforeAll(async () => {
  home = await testDatabase()
  database = openDatabase(home.url, { name: 'test' })
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
})
beforeEach(async () => {
  await database.query('TRUNCATE read.reservations, delivery.inbox, delivery.lane CASCADE')
  broker = scriptedBroker()
  projector = startProjector([reservationStream])
})
afterEach(() => projector.stop())

const startProjector = (streams: readonly Stream[]) =>
  consumeBatches({
    broker,
    database,
    subscription: 'projector',
    topics: ['events'],
    work: projectorWork({ streams }),
    logger: createLogger({ level: 'silent', name: 'test' }),
    lanePollMs: 60_000,
  })

let broughtTimes = 0
const messageOf = (envelope: Envelope): ReceivedMessage => ({
  ...toMessage(envelope),
  id: `broker ${(broughtTimes += 1)}`,
  topic: 'events',
  partition: 0,
  publishTime: new Date(),
  redeliveryCount: 0,
})
const deliver = async (envelopes: readonly Envelope[]) => {
  const messages = envelopes.map(messageOf)
  broker.deliver(messages)
  await broker.acknowledgedAll(messages.map(({ id }) => id))
}
const rowsBut = async (...columns: readonly string[]) => {
  const rows = await database.query<Record<string, unknown>>(
    'SELECT * FROM read.reservations ORDER BY id',
  )
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !columns.includes(name))),
  )
}

test.each([2, 5])(
  'every event %i times, shuffled in windows of 50, ends as in order',
  async (times) => {
    const ids = Array.from({ length: 25 }, () => newId())
    const inOrder = [0, 1, 2, 3].flatMap((step) => ids.map((id) => reservationHistory(id)[step]!))
    const repeated = Array.from({ length: times }, () => inOrder).flat()
    await deliver(shuffledInWindows(repeated, 50, 11 * times))
    const disordered = await rowsBut()
    await database.query('TRUNCATE read.reservations, delivery.inbox')
    await deliver(inOrder)
    expect(disordered).toHaveLength(ids.length)
    expect(disordered).toEqual(await rowsBut())
    expect(await database.query('SELECT FROM delivery.lane')).toEqual([])
  },
)

test('a batch of 100 events costs at most six statements', async () => {
  await deliver([created(newId())])
  const before = database.statements
  await deliver(Array.from({ length: 50 }, () => reservationHistory().slice(0, 2)).flat())
  const [mark, begin, inbox, read, write, commit] = [1, 1, 1, 1, 1, 1]
  expect(database.statements - before).toBeLessThanOrEqual(
    mark + begin + inbox + read + write + commit,
  )
  expect(await rowsBut()).toHaveLength(51)
})

test('an event that no view can read stops its own reservation only', async () => {
  const [broken, ...others] = Array.from({ length: 20 }, () => newId())
  const [first, second, third] = reservationHistory(broken)
  const unreadable = { ...second!, data: { surprise: true } }
  await deliver([first!, unreadable, third!, ...others.map((id) => created(id))])
  expect(await rowsBut()).toHaveLength(20)
  expect(await database.query('SELECT key, state FROM delivery.lane')).toEqual([
    { key: broken!, state: 'closed' },
  ])
  expect(
    await database.query('SELECT version FROM read.reservations WHERE id = $1::uuid', [broken]),
  ).toEqual([{ version: 1 }])
})

test('an event whose predecessor is missing waits, and goes on when that comes', async () => {
  const id = newId()
  const [first, second, third] = reservationHistory(id)
  const [late, ...early] = [second!, first!, third!].map(messageOf)
  broker.deliver(early)
  await deliver([created(newId())])
  expect(broker.acknowledged).toHaveLength(1)
  expect(await rowsBut()).toHaveLength(1)
  broker.deliver([late!])
  await broker.acknowledgedAll([late!, ...early].map((message) => message.id))
  const row = await database.query('SELECT version FROM read.reservations WHERE id = $1::uuid', [
    id,
  ])
  expect(row).toEqual([{ version: 3 }])
})

test('an event of a newer version waits with what follows it, and runs when a build knows it', async () => {
  const id = newId()
  const [first, second, third] = reservationHistory(id)
  const type = 'aeroalpes.reservations.ReservationApproved.v2'
  const newer = { ...second!, type, data: { reservation_id: id, by: 'Ana' } }
  await deliver([first!, newer, third!])
  const versions = () =>
    database.query<{ version: number }>(
      'SELECT version FROM read.reservations WHERE id = $1::uuid',
      [id],
    )
  expect(await versions()).toEqual([{ version: 1 }])
  expect(await listDeadLetters(database)).toMatchObject([
    { messageId: newer.id, slug: 'unknown-version', waiting: 1 },
  ])

  await projector.stop()
  const { ReservationApproved } = reservationEvents
  const later = eventsOf('reservations')(
    'ReservationApproved',
    ReservationApproved.schema.extend({ by: z.string() }),
    2,
    { 1: upcastFrom(ReservationApproved.schema, (data) => ({ ...data, by: 'nobody' })) },
  )
  const contracts = { ...reservationEvents, ReservationApproved: later }
  await redriveLane(database, { subscription: 'projector', key: id })
  projector = startProjector([{ ...reservationStream, contracts }])
  const others = reservationHistory()
  await deliver(others)
  await until(async () => (await versions())[0]?.version === 3)
  expect(await rowsBut()).toMatchObject([{ status: 'PAID' }, { status: 'CANCELLED' }])
})
