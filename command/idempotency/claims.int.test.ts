import { afterAll, beforeAll, expect, test } from 'bun:test'
import { newId } from '../../shared/kernel/ids.ts'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import { type TestDatabase, testDatabase } from '../../tests/support/postgres.ts'
import { claimsIn } from './claims.ts'

let home: TestDatabase
let database: Database
beforeAll(async () => {
  home = await testDatabase()
  database = openDatabase(home.url, { name: 'claims' })
})
afterAll(async () => {
  await database.close()
  await home.drop()
})

const keyed = (scope: string, fingerprint = 'the same') => ({
  scope,
  fingerprint,
  commandId: newId(),
  targetId: newId(),
  anew: { commandId: newId(), targetId: newId() },
})
const aged = (scope: string, age: string) =>
  database.query(
    'UPDATE write.idempotency_keys SET created_at = now() - $2::interval WHERE scope = $1',
    [scope, age],
  )

test('of many claims of one key at the same instant, through two processes, one counts for all', async () => {
  const elsewhere = openDatabase(home.url, { name: 'another process' })
  const processes = [claimsIn(database), claimsIn(elsewhere)]
  for (let round = 0; round < 20; round++) {
    const scope = `race ${round}`
    const asked = Array.from({ length: 10 }, (_, n) => processes[n % 2]!.claim(keyed(scope)))
    const identities = await Promise.all(asked)
    expect(new Set(identities.map((identity) => JSON.stringify(identity))).size).toBe(1)
  }
  await elsewhere.close()
})

test('a repeat gets the ids and the time of the first', async () => {
  const claims = claimsIn(database)
  const first = keyed('repeat')
  const { submittedAt, ...ids } = await claims.claim(first)
  expect(ids).toEqual({ commandId: first.commandId, targetId: first.targetId })
  expect(await claims.claim(keyed('repeat'))).toEqual({ submittedAt, ...ids })
})

test('the same key for another request is refused, and the first stays', async () => {
  const claims = claimsIn(database)
  const first = await claims.claim(keyed('reused'))
  await expect(claims.claim(keyed('reused', 'another'))).rejects.toMatchObject({
    status: 422,
    slug: 'idempotency-key-reused',
  })
  expect(await claims.claim(keyed('reused'))).toEqual(first)
})

test('a key is kept for a week and free after it, also for another request', async () => {
  const claims = claimsIn(database)
  const first = await claims.claim(keyed('week'))
  await aged('week', '6 days 23 hours 59 minutes')
  expect(await claims.claim(keyed('week'))).toMatchObject({ commandId: first.commandId })
  await aged('week', '7 days 1 minute')
  const later = keyed('week', 'another')
  expect(await claims.claim(later)).toMatchObject(later.anew)
})

test('ids that follow from a key are not taken again once their command is older than a week', async () => {
  const claims = claimsIn(database)
  for (const [scope, age] of [
    ['young command', '6 days'],
    ['old command', '8 days'],
  ] as const) {
    const first = keyed(scope)
    await database.query(
      `INSERT INTO uow.receipt (command_id, type, target_id, status, submitted_at, attempts, events)
       VALUES ($1, 't', $2, 'completed', now() - $3::interval, 1, '[]')`,
      [first.commandId, first.targetId, age],
    )
    const expected = scope === 'young command' ? first : first.anew
    expect(await claims.claim(first)).toMatchObject({
      commandId: expected.commandId,
      targetId: expected.targetId,
    })
  }
})

test('what is older than a week is purged, and nothing else', async () => {
  const claims = claimsIn(database)
  await claims.claim(keyed('old'))
  await claims.claim(keyed('young'))
  await aged('old', '8 days')
  expect(await claims.purge()).toBe(1)
  const left = await database.query<{ scope: string }>(
    "SELECT scope FROM write.idempotency_keys WHERE scope IN ('old', 'young')",
  )
  expect(left).toEqual([{ scope: 'young' }])
})

test('a database that does not answer is given up in time', async () => {
  const stuck = { ...database, query: () => new Promise<never>(() => {}) }
  await expect(claimsIn(stuck, 5).claim(keyed('stuck'))).rejects.toMatchObject({
    slug: 'database-unavailable',
  })
})
