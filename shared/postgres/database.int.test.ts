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

test('a statement whose answer never comes is given up as away, and the next one works', async () => {
  const database = impatient()
  const error = await database.query('SELECT pg_sleep(2)').catch((thrown: unknown) => thrown)
  expect(databaseTrouble(error)).toBe('away')
  expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  await database.close()
})

test('closing waits for what runs, and not for a connection that is gone', async () => {
  const database = openDatabase(home.url, { name: 'closing' })
  await database.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined)
  const running = database.query<{ slept: string }>(`SELECT pg_sleep(0.3)::text AS slept`)
  const closing = database.close().then(() => 'closed')
  expect(await running).toHaveLength(1)
  const patience = new Promise((resolve) => setTimeout(resolve, 3000, 'late').unref())
  expect(await Promise.race([closing, patience])).toBe('closed')
})

const impatient = () =>
  openDatabase(home.url, { name: 'silent', max: 2, statementTimeoutMs: 0, patienceMs: 300 })

test('a transaction whose statement is never answered rejects as away, and the next one works', async () => {
  const database = impatient()
  let after: unknown
  const cut = database.transaction(async (transaction) => {
    after = await transaction.query('SELECT pg_sleep(2)').catch((thrown: unknown) => thrown)
    after = await transaction.query('SELECT 1').catch((thrown: unknown) => thrown)
  })
  expect(databaseTrouble(await cut.catch((thrown: unknown) => thrown))).toBe('away')
  expect(databaseTrouble(after)).toBe('away')
  expect(await database.transaction((t) => t.query('SELECT 1 AS one'))).toEqual([{ one: 1 }])
  await database.close()
})

test('a transaction whose COMMIT is never answered rejects as away, and the next one works', async () => {
  const database = impatient()
  await database.query('CREATE TABLE slow (id int)')
  await database.query(
    `CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2); RETURN NULL; END'`,
  )
  await database.query(
    'CREATE CONSTRAINT TRIGGER doze AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION doze()',
  )
  const cut = database.transaction((t) => t.query('INSERT INTO slow VALUES (1)'))
  expect(databaseTrouble(await cut.catch((thrown: unknown) => thrown))).toBe('away')
  expect(await database.transaction((t) => t.query('SELECT 1 AS one'))).toEqual([{ one: 1 }])
  await database.close()
})

test('a transaction may take its time between its statements, and each of many statements its own', async () => {
  const database = impatient()
  const slept = await database.transaction(async (transaction) => {
    await new Promise((resolve) => setTimeout(resolve, 400))
    return Promise.all(
      [1, 2, 3].map(() => transaction.query('SELECT pg_sleep(0.2)::text AS slept')),
    )
  })
  expect(slept).toHaveLength(3)
  await database.close()
})
