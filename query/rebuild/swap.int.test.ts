import { expect, test } from 'bun:test'
import { openDatabase } from '../../shared/postgres/database.ts'
import { outsideTransaction } from '../../shared/postgres/guard.ts'
import { seedHolds } from '../../tests/support/hold-writers.ts'
import { rebuildHouse } from '../../tests/support/rebuild-house.ts'
import { talliedProjection } from '../../tests/support/tally.ts'
import { until } from '../../tests/support/until.ts'
import { waitingForLocks } from '../../tests/support/waiting-for-locks.ts'
import { rebuild } from './rebuild.ts'
import { RebuildRefused } from './refused.ts'

const house = rebuildHouse()
const { inLog, inViews } = house
const sources = () => ({ log: house.log, read: house.read })

test('a rebuilt table has the names, indexes and rights of the one that it replaces', async () => {
  const shape = () =>
    house.read.query(
      `SELECT indexname, indexdef, (SELECT relacl::text FROM pg_class WHERE oid = 'read.tally'::regclass)
       FROM pg_indexes WHERE schemaname = 'read' AND tablename IN ('tally', 'stock_holds') ORDER BY 1`,
    )
  const before = await shape()
  expect(before.length).toBeGreaterThanOrEqual(3)
  expect(JSON.stringify(before)).toContain('=r/')
  await seedHolds(house.log.url, 3, 2)
  await rebuild(talliedProjection(), sources())
  expect(await shape()).toEqual(before)
  expect(await house.read.query('SELECT FROM read_next.progress')).toEqual([])
})

test('what is made of the views themselves is brought along, once they are swapped', async () => {
  await seedHolds(house.log.url, 3, 2)
  const seen: unknown[] = []
  const rebuilt = async () => void seen.push(await inViews())
  const { streams, ...projection } = talliedProjection()
  const brought = streams.map((stream) => ({ ...stream, rebuilt }))
  await rebuild({ ...projection, streams: brought }, sources())
  expect(seen).toEqual([await inLog()])
})

test('a run that is taken over by another one stops, and that one ends', async () => {
  await seedHolds(house.log.url, 100, 4)
  let other: Promise<unknown> | undefined
  const first = rebuild(talliedProjection(), {
    ...sources(),
    pageSize: 50,
    onPage: async () => {
      other ??= rebuild(talliedProjection(), { ...sources(), pageSize: 50 })
      await until(async () => (await house.read.query('SELECT FROM read_next.progress')).length < 2)
      await other
    },
  })
  await expect(first).rejects.toThrow('another run has taken over')
  await other
  expect(await inViews()).toEqual(await inLog())
})

test('tables that a migration changes meanwhile are not replaced by those of before', async () => {
  await seedHolds(house.log.url, 10, 2)
  const migrated = rebuild(talliedProjection(), {
    ...sources(),
    onPage: () =>
      house.read.query('CREATE INDEX tally_late ON read.tally (version)').then(() => undefined),
  })
  await expect(migrated).rejects.toThrow('changed meanwhile')
  expect(await inViews()).toEqual([])
  await rebuild(talliedProjection(), sources())
  expect(await inViews()).toEqual(await inLog())
})

test('a migration that the swap has to wait for is not lost with the table that it changed', async () => {
  await seedHolds(house.log.url, 10, 2)
  await rebuild(talliedProjection(), sources())
  const migration = openDatabase(house.read.url, { name: 'migration' })
  let outcome: Promise<unknown> | undefined
  await migration.transaction(async (tx) => {
    await tx.query('CREATE INDEX tally_late ON read.tally (version)')
    await outsideTransaction(() => {
      outcome = rebuild(talliedProjection(), sources()).catch((error: unknown) => error)
      return waitingForLocks(house.read, 1)
    })
  })
  await migration.close()
  expect(await outcome).toMatchObject({ message: expect.stringContaining('changed meanwhile') })
  const indexes = await house.read.query(
    `SELECT FROM pg_indexes WHERE schemaname = 'read' AND indexname = 'tally_late'`,
  )
  expect(indexes).toHaveLength(1)
})

test('a transaction that holds live rows for longer than a lock is waited for delays a rebuild only', async () => {
  await seedHolds(house.log.url, 10, 2)
  await rebuild(talliedProjection(), sources())
  const impatient = openDatabase(house.read.url, { name: 'impatient', lockTimeoutMs: 50 })
  const projector = openDatabase(house.read.url, { name: 'projector' })
  const rebuilding = Promise.withResolvers<unknown>()
  await projector.transaction(async (tx) => {
    await tx.query('SELECT FROM read.stock_holds FOR UPDATE')
    await outsideTransaction(async () => {
      const run = rebuild(talliedProjection(), { ...sources(), read: impatient })
      run.then(rebuilding.resolve, rebuilding.reject)
      // Given up once, and begun again.
      await waitingForLocks(house.read, 1)
      await until(async () => (await lockWaits()) === 0)
      await waitingForLocks(house.read, 1)
    })
  })
  expect(await rebuilding.promise).toMatchObject({ corrected: 0, behind: 0, unreached: [] })
  await Promise.all([impatient.close(), projector.close()])
})

test('two runs that begin at once do not disturb each other: one of them ends what both began', async () => {
  await seedHolds(house.log.url, 50, 4)
  for (let round = 0; round < 5; round++) {
    await house.read.query('DROP SCHEMA IF EXISTS read_next CASCADE')
    const runs = [1, 2, 3].map(() => rebuild(talliedProjection(), sources()))
    const ended = await Promise.allSettled(runs)
    const failures = ended.flatMap((run) => (run.status === 'rejected' ? [run.reason] : []))
    for (const failure of failures) expect(failure).toBeInstanceOf(RebuildRefused)
    expect(failures.length).toBeLessThan(3)
    expect(await inViews()).toEqual(await inLog())
  }
})

const lockWaits = async () => {
  const waiting = await house.read.query(
    `SELECT FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  )
  return waiting.length
}
