import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import pino from 'pino'
import type { RoleName } from '../shared/runtime/role.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import { requireOneStyle } from './one-style.ts'

let home: TestDatabase
let database: Database
beforeAll(async () => {
  home = await testDatabase(['delivery', 'uow'])
  database = openDatabase(home.url, { name: 'test', max: 2 })
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
}, 60_000)
beforeEach(async () => {
  await database.query('TRUNCATE uow.saga, uow.reactor, uow.event')
})

const order = '0197a000-0000-7000-8000-000000000001'
const logger = pino({ level: 'silent' })
const starting = (names: readonly RoleName[], on = database) =>
  requireOneStyle(names, { logger, writeDatabase: async () => on })
const begun = (table: 'saga' | 'reactor', ended: boolean) =>
  database.query(
    `INSERT INTO uow.${table} (saga, id, version, step, ended_at, state, started_at, updated_at)
     SELECT saga, $1, 1, 'x', CASE WHEN $2 THEN now() END, '{}', now(), now()
     FROM unnest($3::text[]) AS saga`,
    [
      order,
      ended,
      table === 'saga' ? ['order-fulfilment'] : ['reactor.orders', 'reactor.payments'],
    ],
  )
const ended = (type: string) =>
  database.query(
    `INSERT INTO uow.event (stream_module, stream_id, version, id, type, data, time,
       correlation_id, causation_id, command_id)
     VALUES ('orders', $1, 5, gen_random_uuid(), $2, '{}', now(), 'c', 'c', 'c')`,
    [order, type],
  )

test('reactors do not start while a saga has not ended', async () => {
  await begun('saga', false)
  const refused = { code: 4, message: expect.stringContaining('1 order is still on the way') }
  await expect(starting(['command-api', 'reactor.payments'])).rejects.toMatchObject(refused)
  await starting(['command-api', 'process-manager'])
  await starting(['command-worker'])
})

test('reactors start when every saga has ended', async () => {
  await begun('saga', true)
  await starting(['reactor.payments'])
})

test.each(['OrderShipped', 'OrderCancelled'])(
  'a process manager does not start while reactors carry an order that is not %s',
  async (end) => {
    await begun('reactor', false)
    const refused = { code: 4, message: expect.stringContaining('ORDER_FULFILMENT=choreography') }
    await expect(starting(['process-manager'])).rejects.toMatchObject(refused)
    await starting(['reactor.orders'])
    await ended(`aeroalpes.orders.${end}.v1`)
    await starting(['process-manager'])
  },
)

test('a database that is away keeps nobody from starting', async () => {
  const away = openDatabase('postgres://127.0.0.1:1/none', { name: 'away', max: 1 })
  await starting(['process-manager'], away)
  await away.close()
})
