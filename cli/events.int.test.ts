import { afterAll, beforeAll, expect, test } from 'bun:test'
import { newId } from '../shared/kernel/ids.ts'
import type { Envelope } from '../shared/messaging/envelope.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { readSettings } from '../shared/runtime/settings.ts'
import { recordedMessages } from '../tests/evolution/recorded-messages.ts'
import { orderReserved, stockReserved } from '../tests/support/order-events.ts'
import { person, registered } from '../tests/support/recorded-events.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import { exitOf } from '../tests/support/two-databases.ts'
import { allEvents } from '../uow/event-listing.ts'
import { exportEvents, printEvent, printEvents, type Wanted } from './events.ts'

let home: TestDatabase
let database: Database
const printed: string[] = []
const operation = () => {
  const { settings } = readSettings({ DATABASE_URL: home.url })
  return { settings, home: '/nowhere', print: (text: string) => void printed.push(text) }
}
const said = () => printed.splice(0).join('\n')

const first = recordedMessages().find(({ envelope }) => envelope.type.endsWith('OrderCreated.v1'))!
const created = first.envelope
const reserved = { ...orderReserved(created.subject), id: newId() }
const hold = { ...stockReserved(created.subject), id: newId() }
const newer: Envelope = {
  ...created,
  id: newId(),
  type: created.type.replace('v1', 'v9'),
  subject: newId(),
  data: { gift: true },
}
const who = person()
const sealed = registered(who)

const record = (module: string, { sequence = 1, ...event }: Envelope, ago: string) =>
  database.query(
    `INSERT INTO uow.event VALUES ($1, $2, $3::int, $4::uuid, $5, $6::json,
       now() - $7::interval, $8, $9, 'a command', NULL)`,
    [module, event.subject, sequence, event.id, event.type, event.data, ago, 'c', 'cause'],
  )

beforeAll(async () => {
  home = await testDatabase(['uow'])
  database = openDatabase(home.url, { name: 'test', max: 2 })
  await record('orders', created, '3 hours')
  await record('holds', hold, '30 minutes')
  await record('orders', reserved, '20 minutes')
  await record('orders', newer, '10 minutes')
  await record('users', sealed, '5 minutes')
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
}, 60_000)

const list = async (wanted: Wanted = {}, limit = 10) => {
  await printEvents(operation(), { ...wanted, limit }, 'json')
  return JSON.parse(said()) as { id: string }[]
}
const ids = async (wanted: Wanted, limit?: number) =>
  (await list(wanted, limit)).map(({ id }) => id)
const exported = async (wanted: Wanted = {}) => {
  const write = async (line: string) => printed.push(line) > 0
  await exportEvents(operation(), write, wanted)
  return said()
    .split('\n')
    .map((line) => JSON.parse(line || 'null') as { id: string; data: object } | null)
}

test('events are listed in the order of their time: those of the last hour, or since then', async () => {
  expect(await ids({})).toEqual([hold.id, reserved.id, newer.id, sealed.id])
  expect(await ids({ since: '15m' })).toEqual([newer.id, sealed.id])
  expect(await ids({ since: '4h' })).toHaveLength(5)
  expect(await ids({ since: '4h' }, 2)).toEqual([newer.id, sealed.id])
  expect((await exitOf(list({ since: 'soon' }))).code).toBe(2)
})

test('what has an id has all its events listed, whatever the module and however old', async () => {
  expect(await list({ of: created.subject.toUpperCase() })).toMatchObject([
    { id: created.id, type: expect.stringContaining('.v2'), stored: 'v1', module: 'orders' },
    { id: hold.id, module: 'holds', version: 1 },
    { id: reserved.id, version: 2, of: created.subject },
  ] as never)
  expect(await ids({ of: created.subject, module: 'holds' })).toEqual([hold.id])
  expect(await ids({ of: 'nobody' })).toEqual([])
})

test('a type is named in as many words as one likes', async () => {
  const since = '4h'
  const types = ['OrderCreated', 'aeroalpes.orders.OrderCreated']
  for (const type of types) expect(await ids({ since, type })).toEqual([created.id, newer.id])
  expect(await ids({ since, type: created.type })).toEqual([created.id])
  expect(await ids({ since, type: 'Created' })).toEqual([])
})

test('one is shown as of today, with the type in which it is stored', async () => {
  await printEvent(operation(), created.id, 'json')
  expect(JSON.parse(said())).toMatchObject({
    specversion: '1.0',
    id: created.id,
    source: '/aeroalpes/orders',
    type: created.type.replace('v1', 'v2'),
    storedtype: created.type,
    subject: created.subject,
    sequence: 1,
    causationid: 'cause',
    data: { ...(created.data as object), currency: 'EUR' },
  })
  await printEvent(operation(), newer.id, 'json')
  const unknown = JSON.parse(said()) as object
  expect(unknown).toMatchObject({ type: newer.type, data: newer.data })
  expect(unknown).toHaveProperty('unreadable', expect.stringContaining('newer than version 2'))
  expect((await exitOf(printEvent(operation(), 'nonsense', 'json'))).code).toBe(3)
  expect((await exitOf(printEvent(operation(), newId(), 'json'))).code).toBe(3)
})

test('all are exported, aggregate by aggregate, a line each, and what is sealed stays so', async () => {
  const all = await exported()
  expect(all.map((event) => event?.id)).toHaveLength(5)
  const ofOrder = all.filter((event) => event?.id === created.id || event?.id === reserved.id)
  expect(ofOrder.map((event) => event?.id)).toEqual([created.id, reserved.id])
  expect(all.find((event) => event?.id === sealed.id)?.data).toEqual(sealed.data as object)
  expect(JSON.stringify(all)).not.toContain(who.email)
  expect((await exported({ module: 'holds' })).map((event) => event?.id)).toEqual([hold.id])
  expect((await exported({ since: '15m', type: 'OrderCreated' }))[0]?.id).toBe(newer.id)
  expect(await exported({ module: 'nothing' })).toEqual([null])
})

test('nothing is read for nobody: an export ends with its reader', async () => {
  await database.query(
    `INSERT INTO uow.event SELECT 'many', n::text, 1, gen_random_uuid(), 'a.many.Thing.v1', '{}',
       now() - interval '1 day', 'c', 'c', 'c', NULL FROM generate_series(1, 1001) n`,
  )
  let writes = 0
  const write = (goesOn: boolean) => async () => {
    writes++
    return goesOn
  }
  await exportEvents(operation(), write(false), { module: 'many' })
  expect(writes).toBe(1)
  await exportEvents(operation(), write(true), { module: 'many' })
  expect(writes).toBe(3)
  await database.query(`DELETE FROM uow.event WHERE stream_module = 'many'`)
})

test('pages join without a gap, wherever they end', async () => {
  for (const size of [1, 2, 5]) {
    const found = []
    for await (const page of allEvents(database, {}, size)) found.push(...page)
    expect(found.map(({ id }) => id)).toEqual((await exported()).map((event) => event!.id))
  }
  const [orders] = await Array.fromAsync(allEvents(database, { module: 'orders' }, 3))
  expect(orders).toHaveLength(3)
})

test('the latest events are found by an index of their time', async () => {
  // Of small tables an index is never asked, unless that is all there is.
  const plan = await database.transaction(async (on) => {
    await on.query('SET LOCAL enable_seqscan = off')
    const rows = await on.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT FROM uow.event e WHERE e.time >= now() - interval '1 hour'`,
    )
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  })
  expect(plan).toContain('event_by_time')
})
