import { afterAll, expect, test } from 'bun:test'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabase } from '../../tests/support/postgres.ts'
import { murmur3 } from '../kernel/murmur3.ts'
import { openDatabase } from '../postgres/database.ts'
import { migrate, migrationsFolder } from '../postgres/migrate.ts'

const folder = mkdtempSync(join(tmpdir(), 'aero-outbox-migration-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The migrations of the set as they were when there was only the first. */
const onlyTheFirst = () => {
  cpSync(join(migrationsFolder, 'delivery'), join(folder, 'delivery'), { recursive: true })
  const journal = join(folder, 'delivery', 'meta', '_journal.json')
  const read = JSON.parse(readFileSync(journal, 'utf8')) as { entries: unknown[] }
  writeFileSync(journal, JSON.stringify({ ...read, entries: read.entries.slice(0, 1) }))
  return folder
}

test('rows that wait while the outbox is migrated get the hash that new rows of their key get', async () => {
  const home = await testDatabase([])
  await migrate(home.url, ['delivery'], onlyTheFirst())
  const database = openDatabase(home.url, { name: 'test' })
  const keys = ['', 'a', 'ab', 'abc', 'abcd', 'abcde', 'é', '🛫 Bogotá', crypto.randomUUID()]
  await database.query(
    `INSERT INTO delivery.outbox (id, partition, topic, key, payload, properties)
     SELECT ordinality, 0, 't', key, '', '{}' FROM unnest($1::text[]) WITH ORDINALITY AS k(key)`,
    [keys],
  )
  await migrate(home.url, ['delivery'])
  const rows = await database.query<{ key: string; hash: number }>(
    'SELECT key, hash FROM delivery.outbox ORDER BY id',
  )
  expect(rows).toEqual(keys.map((key) => ({ key, hash: murmur3(key) & 0x7fffffff })))
  await database.close()
  await home.drop()
})
