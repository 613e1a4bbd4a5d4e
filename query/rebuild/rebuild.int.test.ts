import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { join } from 'node:path'
import { databaseTrouble } from '../../shared/postgres/errors.ts'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { type HoldWriters, seedHolds, writeHolds } from '../../tests/support/hold-writers.ts'
import { type TestDatabase, testDatabase } from '../../tests/support/postgres.ts'
import { deliveryOf } from '../../tests/support/recorded-events.ts'
import { createTally, talliedProjection, talliedStream } from '../../tests/support/tally.ts'
import { until } from '../../tests/support/until.ts'
import { projectorWork } from '../projection/projector.work.ts'
import type { RowDifference } from './compare.ts'
import { diff, rebuild } from './rebuild.ts'

let homes: readonly TestDatabase[]
let log: Database
let read: Database
beforeAll(async () => {
  homes = await Promise.all([testDatabase(['uow']), testDatabase(['delivery', 'read'])])
  ;[log, read] = homes.map(({ url }) => openDatabase(url, { name: 'test' })) as [Database, Database]
  await createTally(read)
}, 60_000)
afterAll(async () => {
  await Promise.all([log.close(), read.close()])
  for (const home of homes) await home.drop()
})
beforeEach(async () => {
  await log.query('TRUNCATE uow.event')
  await log.query('DROP TABLE IF EXISTS held')
  await read.query('DROP SCHEMA IF EXISTS read_next CASCADE')
  await read.query('TRUNCATE read.tally, read.stock_holds')
})

/** The projector at work: takes what the writers' transactions have brought, until all of it is applied. */
const projectFrom = ({ topic }: Pick<HoldWriters, 'topic'>) => {
  const work = projectorWork({ streams: [talliedStream] })
  const stopping = new AbortController()
  const run = async () => {
    let taken = 0
    let waiting: readonly Envelope[] = []
    while (!stopping.signal.aborted || taken < topic.length || waiting.length > 0) {
      const batch = [...waiting, ...topic.slice(taken, taken + 100)]
      taken += batch.length - waiting.length
      if (batch.length > 0)
        waiting = await read
          .transaction((tx) => work.handle(tx, batch.map(deliveryOf), { wait: false }))
          .then(
            ({ deferred }) => deferred.map(({ envelope }) => envelope),
            (error: unknown) => {
              if (databaseTrouble(error) !== 'contention') throw error
              return batch
            },
          )
      if (batch.length === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const running = run()
  return {
    async drain() {
      stopping.abort()
      await running
    },
  }
}

/** Everything in the log, projected before the test begins. */
const bringUpToDate = async () => {
  await rebuild(talliedProjection(), { log, read })
}

const inLog = () =>
  log.query<{ id: string; version: number }>(
    'SELECT stream_id AS id, max(version) AS version FROM uow.event GROUP BY 1 ORDER BY 1',
  )
const inViews = () =>
  read.query<{ id: string; version: number }>(
    `SELECT h.id::text AS id, h.version FROM read.stock_holds h JOIN read.tally t
     ON t.id = h.id AND t.version = h.version AND t.events = h.version ORDER BY 1`,
  )

/** Reads without a rest until told to stop; answers what it should never have seen. */
const readAllTheTime = () => {
  const stopping = new AbortController()
  const wrong: object[] = []
  let reads = 0
  const run = async () => {
    let before = { holds: 0, events: 0 }
    while (!stopping.signal.aborted) {
      const [seen] = await read.query<{ holds: number; events: number; half: number }>(
        `SELECT count(*)::int AS holds, coalesce(sum(h.version), 0)::int AS events,
           count(*) FILTER (WHERE t.events IS DISTINCT FROM h.version)::int AS half
         FROM read.stock_holds h FULL JOIN read.tally t ON t.id = h.id`,
      )
      reads += 1
      if (!seen || seen.half > 0 || seen.holds < before.holds || seen.events < before.events)
        wrong.push({ before, seen })
      before = seen ?? before
    }
  }
  const running = Promise.all([run(), run()])
  return {
    async stop() {
      stopping.abort()
      await running
      return { wrong, reads }
    },
  }
}

const killedRebuild = async (events: number) => {
  const child = join(import.meta.dir, '../../tests/support/rebuild-child.ts')
  const urls = homes.map(({ url }) => url)
  const { exited } = Bun.spawn([process.execPath, child, ...urls, String(events)], {
    stdout: 'inherit',
    stderr: 'inherit',
  })
  expect(await exited).toBe(137)
}

test('a view rebuilt under late commits, killed and resumed, misses nothing, repeats nothing, and is never seen half', async () => {
  await seedHolds(log.url, 500, 6)
  await bringUpToDate()
  const writers = writeHolds(log.url)
  const projector = projectFrom(writers)
  const reader = readAllTheTime()

  await killedRebuild(1500)
  const [killed] = await read.query<{ events: number; done: number }>(
    `SELECT events::int, (SELECT sum(version)::int FROM read_next.stock_holds) AS done
     FROM read_next.progress`,
  )
  const pages: number[] = []
  const onPage = ({ events }: { events: number }) => void pages.push(events)
  const { corrected, unreached } = await rebuild(talliedProjection(), {
    log,
    read,
    pageSize: 200,
    onPage,
  })
  // Once more without a kill, so that there are two swaps.
  await rebuild(talliedProjection(), { log, read, pageSize: 200 })

  await writers.stop()
  await projector.drain()
  const { wrong, reads } = await reader.stop()
  expect(killed?.events).toBeGreaterThanOrEqual(1500)
  expect(killed?.done).toBe(killed?.events)
  expect(pages[0]).toBeGreaterThan(1500)
  expect({ corrected, unreached }).toEqual({ corrected: 0, unreached: [] })
  expect(wrong).toEqual([])
  expect(reads).toBeGreaterThan(0)
  expect(await inViews()).toEqual(await inLog())
  expect((await diff(talliedProjection(), { log, read })).count).toBe(0)
}, 120_000)

test('rows that were spoilt, lost or made up are named, and rebuilding mends them', async () => {
  await seedHolds(log.url, 50, 3)
  await bringUpToDate()
  const before = await inViews()
  const [spoilt, lost, behind, ahead] = before.map(({ id }) => id)
  const madeUp = '00000000-0000-4000-8000-000000000000'
  await read.query(`UPDATE read.stock_holds SET status = 'COMMITTED' WHERE id = $1::uuid`, [spoilt])
  await read.query('DELETE FROM read.stock_holds WHERE id = $1::uuid', [lost])
  await read.query('UPDATE read.stock_holds SET version = 2 WHERE id = $1::uuid', [behind])
  await read.query('UPDATE read.stock_holds SET version = 9 WHERE id = $1::uuid', [ahead])
  await read.query('INSERT INTO read.tally VALUES ($1::uuid, 1, 1, 1)', [madeUp])

  const found = await diff(talliedProjection(), { log, read, patienceMs: 0 })
  expect(found.count).toBe(5)
  expect(new Set(found.rows)).toEqual(
    new Set([
      row('stock_holds', spoilt, 'differs', ['status'], 3, 3),
      row('stock_holds', lost, 'missing', [], null, 3),
      row('stock_holds', behind, 'behind', ['version'], 2, 3),
      row('stock_holds', ahead, 'differs', ['version'], 9, 3),
      row('tally', madeUp, 'surplus', [], 1, null),
    ]),
  )
  const { corrected, behind: late, unreached } = await rebuild(talliedProjection(), { log, read })
  expect({ corrected, late }).toEqual({ corrected: 3, late: 2 })
  expect(unreached).toMatchObject([{ id: ahead, live: 9, rebuilt: 3 }])
  expect(await inViews()).toEqual(before)
  expect(await diff(talliedProjection(), { log, read })).toMatchObject({ count: 0, rows: [] })
})

const row = (
  table: string,
  id = '',
  difference: RowDifference['difference'],
  columns: readonly string[],
  live: number | null,
  rebuilt: number | null,
): RowDifference => ({ table, id, difference, columns, live, rebuilt })

test('a rebuilt table has the names, indexes and rights of the one that it replaces', async () => {
  const shape = () =>
    read.query(
      `SELECT indexname, indexdef, (SELECT relacl::text FROM pg_class WHERE oid = 'read.tally'::regclass)
       FROM pg_indexes WHERE schemaname = 'read' AND tablename IN ('tally', 'stock_holds') ORDER BY 1`,
    )
  const before = await shape()
  expect(before.length).toBeGreaterThanOrEqual(3)
  await seedHolds(log.url, 3, 2)
  await rebuild(talliedProjection(), { log, read })
  expect(await shape()).toEqual(before)
  expect(await read.query('SELECT FROM read_next.progress')).toEqual([])
})

test('an event that no view can take stops its aggregate only; live rows beyond it are not taken away', async () => {
  await seedHolds(log.url, 20, 3)
  await bringUpToDate()
  const [bad] = await inLog()
  await log.query(`UPDATE uow.event SET data = '{}' WHERE stream_id = $1 AND version = 3`, [
    bad?.id,
  ])
  const refused = rebuild(talliedProjection(), { log, read })
  await expect(refused).rejects.toThrow('no view can take from the log')
  expect(await inViews()).toHaveLength(20)

  await read.query('UPDATE read.stock_holds SET version = 2 WHERE id = $1::uuid', [bad?.id])
  const { blocked } = await rebuild(talliedProjection(), { log, read })
  expect(blocked).toHaveLength(1)
  const after = await inViews()
  expect(after).toHaveLength(20)
  expect(after.find(({ id }) => id === bad?.id)?.version).toBe(2)
})

test('a run that is taken over by another one stops, and that one ends', async () => {
  await seedHolds(log.url, 100, 4)
  let other: Promise<unknown> | undefined
  const first = rebuild(talliedProjection(), {
    log,
    read,
    pageSize: 50,
    onPage: async () => {
      other ??= rebuild(talliedProjection(), { log, read, pageSize: 50 })
      await until(async () => (await read.query('SELECT FROM read_next.progress')).length < 2)
      await other
    },
  })
  await expect(first).rejects.toThrow('another run has taken over')
  await other
  expect(await inViews()).toEqual(await inLog())
})

test('tables that a migration changes meanwhile are not replaced by those of before', async () => {
  await seedHolds(log.url, 10, 2)
  const migrated = rebuild(talliedProjection(), {
    log,
    read,
    onPage: () =>
      read.query('CREATE INDEX tally_late ON read.tally (version)').then(() => undefined),
  })
  await expect(migrated).rejects.toThrow('changed meanwhile')
  expect(await inViews()).toEqual([])
  await rebuild(talliedProjection(), { log, read })
  expect(await inViews()).toEqual(await inLog())
})
