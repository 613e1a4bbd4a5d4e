import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { testDatabase } from '../../tests/support/postgres.ts'
import { migrate } from './migrate.ts'

const folder = mkdtempSync(join(tmpdir(), 'aero-migrations-'))
afterAll(() => rmSync(folder, { recursive: true }))

function writeSet(name: string, statements: string): void {
  mkdirSync(join(folder, name, 'meta'), { recursive: true })
  writeFileSync(join(folder, name, '0000_first.sql'), statements)
  const entry = { idx: 0, version: '7', when: 1, tag: '0000_first', breakpoints: true }
  writeFileSync(
    join(folder, name, 'meta', '_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries: [entry] }),
  )
}

test('ten migrations at once apply each set exactly once', async () => {
  const database = await testDatabase([])
  writeSet(
    'uow',
    'CREATE TABLE first (id int);--> statement-breakpoint\nINSERT INTO first VALUES (1)',
  )
  writeSet('read', 'CREATE TABLE second (id int)')
  await Promise.all(
    Array.from({ length: 10 }, () => migrate(database.url, ['uow', 'read'], folder)),
  )
  const sql = postgres(database.url, { max: 1 })
  expect(await sql`SELECT id FROM first`).toHaveLength(1)
  expect(await sql`SELECT hash FROM migrations.uow`).toHaveLength(1)
  expect(await sql`SELECT hash FROM migrations.read`).toHaveLength(1)
  await sql.end()
  await database.drop()
})

test('a checkout without the migrations is refused, and nothing is done', async () => {
  const database = await testDatabase([])
  await expect(migrate(database.url, ['delivery'], folder)).rejects.toThrow(
    'delivery/meta/_journal.json is missing',
  )
  const sql = postgres(database.url, { max: 1 })
  const [found] = await sql`SELECT to_regnamespace('migrations') AS schema`
  expect(found).toEqual({ schema: null })
  await sql.end()
  await database.drop()
})
