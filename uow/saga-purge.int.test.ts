import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import { tally } from '../tests/support/tally-saga.ts'
import { purgeSagas } from './saga-purge.ts'
import { keepingOf, type SagaTable } from './saga-rows.ts'

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

const begun = (table: SagaTable, id: string, days: number, ended = false, saga = 'tally') =>
  database.query(
    `INSERT INTO uow.${table} (saga, id, version, step, ended_at, state, started_at, updated_at)
     SELECT $1, $2, 1, 'x', CASE WHEN $4::boolean THEN began END, '{}', began, began
     FROM (SELECT now() - $3::integer * interval '1 day' AS began) AS t`,
    [saga, id, days, ended],
  )
/** It has reacted to something just now. */
const reacted = (table: SagaTable, id: string) =>
  database.query(`UPDATE uow.${table} SET updated_at = now() WHERE id = $1`, [id])
/** The log says that these have ended. */
const stopped = (...ids: readonly string[]) =>
  database.query(
    `INSERT INTO uow.event (stream_module, stream_id, version, id, type, data, time,
       correlation_id, causation_id, command_id)
     SELECT 'tally', id, 1, gen_random_uuid(), 'aeroalpes.tally.Stopped.v1', '{}', now(), 'c', 'c', 'c'
     FROM unnest($1::text[]) AS id`,
    [ids],
  )
const left = async (table: SagaTable) =>
  (await database.query<{ id: string }>(`SELECT id FROM uow.${table} ORDER BY id`)).map(
    ({ id }) => id,
  )

test('a saga is deleted when it is old, has ended, and can never begin again', async () => {
  await stopped('old', 'recent', 'undoing', 'other')
  await begun('saga', 'old', 31, true)
  await begun('saga', 'recent', 29, true)
  await begun('saga', 'undoing', 31)
  await begun('saga', 'without an end in the log', 31, true)
  await begun('saga', 'other', 31, true, 'other saga')
  expect(await purgeSagas(database, keepingOf(tally, 'saga'))).toBe(false)
  expect(await left('saga')).toEqual(['other', 'recent', 'undoing', 'without an end in the log'])
})

test('what a reactor remembers is deleted when it is old, and of something that has ended', async () => {
  await stopped('old', 'recent')
  await begun('reactor', 'old', 31)
  await begun('reactor', 'recent', 29)
  await begun('reactor', 'on its way', 31)
  await purgeSagas(database, keepingOf(tally, 'reactor'))
  expect(await left('reactor')).toEqual(['on its way', 'recent'])
})

test('what has reacted to something lately is kept, though it began long ago', async () => {
  await stopped('refunding')
  for (const table of ['saga', 'reactor'] as const) {
    await begun(table, 'refunding', 31, table === 'saga')
    await reacted(table, 'refunding')
    await purgeSagas(database, keepingOf(tally, table))
    expect(await left(table)).toEqual(['refunding'])
  }
})

test('many are deleted a few at a time, the oldest first', async () => {
  await stopped('a', 'b', 'c')
  await begun('saga', 'a', 33, true)
  await begun('saga', 'b', 35, true)
  await begun('saga', 'c', 34, true)
  expect(await purgeSagas(database, keepingOf(tally, 'saga'), 30, 2)).toBe(true)
  expect(await left('saga')).toEqual(['a'])
  expect(await purgeSagas(database, keepingOf(tally, 'saga'), 30, 2)).toBe(false)
  expect(await left('saga')).toEqual([])
})
