import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { type TestDatabase, testDatabase } from '../../tests/support/postgres.ts'
import { openDatabase } from './database.ts'
import { databaseTrouble } from './errors.ts'

let home: TestDatabase
beforeAll(async () => {
  home = await testDatabase([])
}, 60_000)
afterAll(() => home.drop(), 60_000)

test('arrays come back as they were sent, whatever their texts hold', async () => {
  const database = openDatabase(home.url, { name: 'arrays' })
  const sent = {
    texts: ['plain', '', 'NULL', 'a,b', '{"x"}', 'back\\slash', 'new\nline', null],
    numbers: [1, -2, 3],
    longs: ['1', '9007199254740993'],
    ids: ['0197f1aa-5c1e-7d3a-8b9e-2f6f0c1d2e3f'],
    flags: 'x',
  }
  const [row] = await database.query(
    `SELECT $1::text[] AS texts, $2::int[] AS numbers, $3::bigint[] AS longs, $4::uuid[] AS ids,
       '{}'::text[] AS none, '{t,f}'::boolean[] AS flags,
       ARRAY['2026-01-02T03:04:05Z'::timestamptz] AS times`,
    [sent.texts, sent.numbers, sent.longs, sent.ids],
  )
  expect(row as object).toEqual({
    ...sent,
    none: [],
    flags: [true, false],
    times: [new Date('2026-01-02T03:04:05Z')],
  })
  await database.close()
})

test('a process lives on when its connections break as soon as they are made', async () => {
  const script = join(import.meta.dirname, '../../tests/support/broken-connections.ts')
  const child = Bun.spawn([process.execPath, script, home.url], { stdout: 'pipe', stderr: 'pipe' })
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  expect(errors).toBe('')
  expect(output).toBe('still here\n')
}, 30_000)

test('a statement whose answer never comes is given up as away', async () => {
  const database = openDatabase(home.url, {
    name: 'silent',
    statementTimeoutMs: 0,
    patienceMs: 200,
  })
  const error = await database.query('SELECT pg_sleep(2)').catch((thrown: unknown) => thrown)
  expect(databaseTrouble(error)).toBe('away')
  await database.close()
}, 20_000)

test('closing waits for what runs, and not for a connection that is gone', async () => {
  const database = openDatabase(home.url, { name: 'closing' })
  await database.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined)
  const running = database.query<{ slept: string }>(`SELECT pg_sleep(0.3)::text AS slept`)
  const closing = database.close().then(() => 'closed')
  expect(await running).toHaveLength(1)
  const patience = new Promise((resolve) => setTimeout(resolve, 3000, 'late').unref())
  expect(await Promise.race([closing, patience])).toBe('closed')
})
