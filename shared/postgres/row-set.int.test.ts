import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type TestDatabase, testDatabase } from '../../tests/support/postgres.ts'
import { type Database, openDatabase } from './database.ts'
import { rowSet } from './row-set.ts'

let home: TestDatabase
let database: Database
beforeAll(async () => {
  home = await testDatabase([])
  database = openDatabase(home.url, { name: 'test' })
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
}, 60_000)

const given = rowSet({
  text: 'text',
  number: 'integer',
  money: 'numeric',
  fraction: 'double precision',
  flag: 'boolean',
  at: 'timestamp with time zone',
  id: 'uuid',
  data: 'json',
})
const back = (rows: readonly object[]) =>
  database.query(`SELECT ${given.columns} FROM ${given.from('r')}`, given.parameters(rows))

const row = {
  text: 'plain',
  number: -1,
  money: '16.25',
  fraction: 0.1,
  flag: true,
  at: new Date('2026-01-02T03:04:05.678Z'),
  id: '0197f1aa-5c1e-7d3a-8b9e-2f6f0c1d2e3f',
  data: { list: [1, 'two', null], deep: { quoted: 'a "b" \\ {c}, \n' } },
}

test('rows come back as they were given, in their order, whatever their texts hold', async () => {
  const texts = ['', 'NULL', 'a,b', '{"x"}', 'back\\slash', 'new\nline', ' blank ', 'ñ 🛫']
  const rows = texts.map((text, number) => ({ ...row, text, number, data: [text] }))
  expect(await back([row, ...rows])).toEqual([row, ...rows])
})

test('JSON may be of any kind', async () => {
  const all = ['text', 'null', 7, false, [], [[1], [2]], {}]
  const found = await back(all.map((data) => ({ ...row, data })))
  expect(found).toEqual(all.map((data) => ({ ...row, data })))
})

test('what a row does not have is NULL', async () => {
  const nothing = Object.fromEntries(Object.keys(row).map((name) => [name, null]))
  expect(await back([{}, nothing])).toEqual([nothing, nothing])
})

test('other parameters may come before the rows', async () => {
  const ids = rowSet({ id: 'text' })
  const sql = `SELECT $1 || id AS id FROM ${ids.from('r', 2)}`
  expect(await database.query(sql, ['a', ...ids.parameters([{ id: 'b' }])])).toEqual([{ id: 'ab' }])
})
