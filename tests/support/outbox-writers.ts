import { appendOutbox } from '../../shared/delivery/outbox.ts'
import { type Database, openDatabase, type Transaction } from '../../shared/postgres/database.ts'
import { received } from './delivery-probe.ts'

const keys = Array.from({ length: 40 }, (_, n) => `key ${n}`)
const writers = 16

export const createSequences = async (database: Database): Promise<void> => {
  await database.query('CREATE TABLE sequence (key text PRIMARY KEY, last int NOT NULL DEFAULT 0)')
  await database.query('INSERT INTO sequence (key) SELECT unnest($1::text[])', [keys])
}

/** The last number that was committed of each key. */
export const committed = async (database: Database): Promise<ReadonlyMap<string, number>> => {
  const rows = await database.query<{ key: string; last: number }>('SELECT key, last FROM sequence')
  return new Map(rows.map(({ key, last }) => [key, last]))
}

/**
 * At least `rows` rows of the outbox from 16 writers, as unkindly as locks allow: several keys in one
 * transaction, transaction ids taken before the locks, commits late and in any order, rollbacks, a
 * transaction in between that stays open, and one that is open from beginning to end.
 */
export const writeUnkindly = async (url: string, rows: number): Promise<void> => {
  const database = openDatabase(url, { name: 'writers', max: 2 * (writers + 2), lockTimeoutMs: 0 })
  const over = Promise.withResolvers<void>()
  const holding = database.transaction(async (transaction) => {
    await transaction.query('SET LOCAL idle_in_transaction_session_timeout = 0')
    await transaction.query('SELECT pg_current_xact_id()')
    await over.promise
  })
  let written = 0
  const write = async (random: () => number) => {
    while (written < rows) {
      const size = 5 + Math.floor(random() * 30)
      const done = database.transaction((transaction) => append(transaction, size, random))
      if (await done.then(() => true, rolledBack)) written += size
    }
  }
  await Promise.all([
    ...Array.from({ length: writers }, (_, n) => write(seeded(n + 1))),
    keepOneInBetween(database, () => written >= rows),
  ])
  over.resolve()
  await holding
  await database.close()
}

const append = async (transaction: Transaction, size: number, random: () => number) => {
  if (random() < 0.5) await transaction.query('SELECT pg_current_xact_id()')
  const chosen = keys.filter(() => random() < 0.08)
  const locked = await transaction.query<{ key: string; last: number }>(
    'SELECT key, last FROM sequence WHERE key = ANY ($1::text[]) ORDER BY key FOR UPDATE',
    [chosen.length > 0 ? chosen : ['key 0']],
  )
  const last = new Map(locked.map((row) => [row.key, row.last]))
  const entries = Array.from({ length: size }, (_, n) => {
    const key = locked[n % locked.length]?.key ?? ''
    const number = (last.get(key) ?? 0) + 1
    last.set(key, number)
    return { topic: 't', message: received(key, `${key}/${number}`) }
  })
  await appendOutbox(transaction, entries)
  await transaction.query(
    `UPDATE sequence s SET last = g.last
     FROM json_to_recordset($1::json) AS g(key text, last int) WHERE s.key = g.key`,
    [[...last].map(([key, number]) => ({ key, last: number }))],
  )
  if (random() < 0.3) await transaction.query('SELECT pg_sleep($1)', [random() * 0.02])
  if (random() < 0.1) throw new Error(rollback)
}

const rollback = 'rolled back on purpose'
const rolledBack = (error: Error) => {
  if (error.message !== rollback) throw error
  return false
}

const keepOneInBetween = async (database: Database, finished: () => boolean) => {
  while (!finished())
    await database.transaction((transaction) =>
      transaction.query('SELECT pg_current_xact_id(), pg_sleep(0.1)'),
    )
}

/** mulberry32: the same numbers in each run. */
const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}

/** What is wrong with ids `key/number` as they were first seen, against what was committed. */
export const gapsAndSwaps = (
  ids: readonly string[],
  last: ReadonlyMap<string, number>,
): { readonly missed: number; readonly swapped: number } => {
  const seen = new Map<string, Set<number>>()
  let swapped = 0
  for (const id of new Set(ids)) {
    const [key = '', text] = id.split('/')
    const numbers = seen.get(key) ?? new Set()
    seen.set(key, numbers)
    const number = Number(text)
    if (number > 1 && !numbers.has(number - 1)) swapped++
    numbers.add(number)
  }
  let missed = 0
  for (const [key, number] of last) missed += number - (seen.get(key)?.size ?? 0)
  return { missed, swapped }
}
