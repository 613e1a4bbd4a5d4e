import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { newId } from '../shared/kernel/ids.ts'
import type { Envelope } from '../shared/messaging/envelope.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { readSettings } from '../shared/runtime/settings.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import {
  created,
  credentialKey,
  keepKey,
  person,
  registered,
} from '../tests/support/recorded-events.ts'
import { diffProjections, listProjections, rebuildProjections } from './projections.ts'

let home: TestDatabase
let database: Database
let printed: string[]
const [kept, erased] = [person('ana@example.com'), person('eva@example.com')]
beforeAll(async () => {
  home = await testDatabase()
  database = openDatabase(home.url, { name: 'test', max: 4 })
  await keepKey(database, kept)
  await log('reservations', [created(newId()), created(newId())])
  await log('users', [registered(kept), registered(erased)])
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
}, 60_000)
beforeEach(() => {
  printed = []
})

const log = (module: string, events: readonly Envelope[]) =>
  database.query(
    `INSERT INTO uow.event (stream_module, stream_id, version, id, type, data, time, correlation_id,
       causation_id, command_id)
     SELECT $1, subject, sequence, id, type, data, time, 'c', 'c', 'c'
     FROM json_to_recordset($2::json)
       AS e(id uuid, type text, subject text, sequence int, data json, time timestamptz)`,
    [module, events],
  )

const operation = () => ({
  settings: readSettings({ DATABASE_URL: home.url, CREDENTIAL_KEY: credentialKey }).settings,
  home: '/nowhere',
  print: (text: string) => printed.push(text),
  progress: () => {},
  ask: undefined,
})
const rebuild = (name: string, options: { dryRun?: boolean; yes?: boolean } = { yes: true }) =>
  rebuildProjections(operation(), name, { ...options, output: 'json' })
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 0,
    (error: { code?: number }) => error.code,
  )
const shown = () => JSON.parse(printed.join('')) as readonly Record<string, unknown>[]
const users = () =>
  database.query('SELECT id::text, first_name, email FROM read.users ORDER BY registered_at, id')

test('every view that the projector keeps is listed with its tables and how far behind it is', async () => {
  await listProjections(operation(), 'json')
  const listed = new Map(shown().map((row) => [row['projection'], row]))
  const tables = [...listed.values()].flatMap((row) => String(row['tables']).split(', '))
  const views = await database.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns
     WHERE table_schema = 'read' AND column_name = 'revision'`,
  )
  expect(tables.toSorted()).toEqual(views.map(({ name }) => name).toSorted())
  expect(listed.get('orders')?.['tables']).toBe(
    'stock_holds, payments, shipments, orders, order_history',
  )
  expect(listed.get('reservations')).toMatchObject({ checkpoint: 0, log: 2, behind: 2 })
})

test('rebuilding asks, shows what it would do, and knows the names of tables', async () => {
  expect(await codeOf(rebuild('reservations', {}))).toBe(2)
  await rebuild('all', { dryRun: true })
  expect(shown()).toContainEqual({ projection: 'reservations', tables: 'reservations', events: 2 })
  expect(await codeOf(rebuild('nothing'))).toBe(3)
  expect(await codeOf(diffProjections(operation(), 'nothing', 'json'))).toBe(3)
  expect(await database.query('SELECT FROM read.reservations')).toEqual([])
})

test('users are rebuilt with what their keys open, and without it where the key was thrown away', async () => {
  expect(await codeOf(diffProjections(operation(), 'user_reservations', 'json'))).toBe(1)
  expect(printed.join('')).not.toContain('example.com')
  printed = []
  await rebuild('order_customers')
  expect(shown()).toMatchObject([{ projection: 'users', events: 2, corrected: 0, behind: 4 }])
  expect(new Set(await users())).toEqual(
    new Set([
      { id: kept.id, first_name: 'Ana', email: 'ana@example.com' },
      { id: erased.id, first_name: null, email: null },
    ]),
  )
  printed = []
  expect(await codeOf(diffProjections(operation(), 'users', 'json'))).toBe(0)
  expect(shown()).toEqual([])
})
