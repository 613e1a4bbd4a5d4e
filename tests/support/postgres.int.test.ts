import { expect, test } from 'bun:test'
import postgres from 'postgres'
import { testDatabase } from './postgres.ts'

test('each test database is its own, and starts empty', async () => {
  const [one, other] = await Promise.all([testDatabase(), testDatabase()])
  const sql = postgres(one.url, { max: 1 })
  await sql`CREATE TABLE mark (id int)`
  await sql.end()
  const elsewhere = postgres(other.url, { max: 1 })
  const [found] = await elsewhere`SELECT to_regclass('mark') AS mark`
  await elsewhere.end()
  expect(found).toEqual({ mark: null })
  expect(one.url).not.toBe(other.url)
  await Promise.all([one.drop(), other.drop()])
})
