import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type TestDatabase, testDatabase } from '../../tests/support/postgres.ts'
import { openDatabase, type Database, type Transaction } from './database.ts'
import { databaseTrouble } from './errors.ts'

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

const end = (transaction: Transaction) =>
  transaction.query('SELECT pg_terminate_backend(pg_backend_pid())')
const troubleOf = async (failing: Promise<unknown>) =>
  databaseTrouble(await failing.catch((e) => e))

test('a transaction whose session is ended rejects as away, and the next one works', async () => {
  expect(await troubleOf(database.transaction(end))).toBe('away')
  expect(await troubleOf(database.transaction((t) => t.savepoint(end)))).toBe('away')
  const next = await database.transaction((t) => t.query('SELECT 1 AS one'))
  expect(next).toEqual([{ one: 1 }])
})

test('a transaction that goes on after its session was ended is told so, and rejects as away', async () => {
  let after: unknown
  const cut = database.transaction(async (transaction) => {
    after = await end(transaction).catch((error: unknown) => error)
    after = await transaction.query('SELECT 1').catch((error: unknown) => error)
  })
  expect(await troubleOf(cut)).toBe('away')
  expect(databaseTrouble(after)).toBe('away')
})

test('an error that only looks like a lost connection still rolls back', async () => {
  const elsewhere = Object.assign(new Error('elsewhere'), { code: 'ECONNRESET' })
  const failing = database.transaction(async () => {
    throw elsewhere
  })
  expect(await failing.catch((error: unknown) => error)).toBe(elsewhere)
})
