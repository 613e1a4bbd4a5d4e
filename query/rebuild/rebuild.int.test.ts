import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { seedHolds, writeHolds } from '../../tests/support/hold-writers.ts'
import { projectFrom, readAllTheTime } from '../../tests/support/projecting.ts'
import { rebuildHouse } from '../../tests/support/rebuild-house.ts'
import { talliedProjection } from '../../tests/support/tally.ts'
import { diff, rebuild } from './rebuild.ts'

const house = rebuildHouse()
const { inLog, inViews } = house
const sources = () => ({ log: house.log, read: house.read })

/** Everything in the log, projected before the test begins. */
const bringUpToDate = async () => {
  await rebuild(talliedProjection(), sources())
}

const killedRebuild = async (events: number) => {
  const child = join(import.meta.dir, '../../tests/support/rebuild-child.ts')
  const urls = [house.log.url, house.read.url]
  const { exited } = Bun.spawn([process.execPath, child, ...urls, String(events)], {
    stdout: 'inherit',
    stderr: 'inherit',
  })
  expect(await exited).toBe(137)
}

test('a view rebuilt under late commits, killed and resumed, misses nothing, repeats nothing, and is never seen half', async () => {
  await seedHolds(house.log.url, 500, 6)
  await bringUpToDate()
  const writers = writeHolds(house.log.url)
  const projector = projectFrom(house.read, writers.topic)
  const reader = readAllTheTime(house.read)

  await killedRebuild(1500)
  const [killed] = await house.read.query<{ events: number; done: number }>(
    `SELECT events::int, (SELECT sum(version)::int FROM read_next.stock_holds) AS done
     FROM read_next.progress`,
  )
  const pages: number[] = []
  const onPage = ({ events }: { events: number }) => void pages.push(events)
  const { corrected, unreached } = await rebuild(talliedProjection(), {
    ...sources(),
    pageSize: 200,
    onPage,
  })
  // Once more without a kill, so that there are two swaps.
  await rebuild(talliedProjection(), { ...sources(), pageSize: 200 })

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
  expect((await diff(talliedProjection(), sources())).count).toBe(0)
}, 120_000)

test('what has happened behind the back of the scan is caught up with, however much it is', async () => {
  await seedHolds(house.log.url, 60, 400)
  await bringUpToDate()
  const last = (await inLog()).at(-1)?.id
  await house.log.query('DROP TABLE IF EXISTS late')
  await house.log.query('CREATE TABLE late AS SELECT * FROM uow.event WHERE stream_id <> $1', [
    last,
  ])
  await house.log.query('DELETE FROM uow.event WHERE stream_id <> $1', [last])
  let committed = false
  const { unreached } = await rebuild(talliedProjection(), {
    ...sources(),
    pageSize: 399,
    async onPage() {
      if (!committed) await house.log.query('INSERT INTO uow.event SELECT * FROM late')
      committed = true
    },
  })
  expect(unreached).toHaveLength(0)
  expect(await inViews()).toEqual(await inLog())
}, 60_000)
