import { expect, test } from 'bun:test'
import { seedHolds } from '../../tests/support/hold-writers.ts'
import { rebuildHouse } from '../../tests/support/rebuild-house.ts'
import { talliedProjection } from '../../tests/support/tally.ts'
import type { RowDifference } from './compare.ts'
import { diff, rebuild } from './rebuild.ts'

const house = rebuildHouse()
const { inLog, inViews } = house
const sources = () => ({ log: house.log, read: house.read })

/** Everything in the log, projected before the test begins. */
const bringUpToDate = async () => {
  await rebuild(talliedProjection(), sources())
}

test('rows that were spoilt, lost or made up are named, and rebuilding mends them', async () => {
  await seedHolds(house.log.url, 50, 3)
  await bringUpToDate()
  const before = await inViews()
  const [spoilt, lost, behind, ahead] = before.map(({ id }) => id)
  const madeUp = '00000000-0000-4000-8000-000000000000'
  await house.read.query(`UPDATE read.stock_holds SET status = 'COMMITTED' WHERE id = $1::uuid`, [
    spoilt,
  ])
  await house.read.query('DELETE FROM read.stock_holds WHERE id = $1::uuid', [lost])
  await house.read.query('UPDATE read.stock_holds SET version = 2 WHERE id = $1::uuid', [behind])
  await house.read.query('UPDATE read.stock_holds SET version = 9 WHERE id = $1::uuid', [ahead])
  await house.read.query('INSERT INTO read.tally VALUES ($1::uuid, 1, 1, 1)', [madeUp])

  const found = await diff(talliedProjection(), { ...sources(), patienceMs: 0 })
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
  const { corrected, behind: late, unreached } = await rebuild(talliedProjection(), sources())
  expect({ corrected, late }).toEqual({ corrected: 3, late: 2 })
  expect(unreached).toMatchObject([{ id: ahead, live: 9, rebuilt: 3 }])
  expect(await inViews()).toEqual(before)
  expect(await diff(talliedProjection(), sources())).toMatchObject({ count: 0, rows: [] })
})

test('an event that no view can take stops its aggregate only; live rows beyond it are not taken away', async () => {
  await seedHolds(house.log.url, 20, 3)
  await bringUpToDate()
  const [bad] = await inLog()
  await house.log.query(`UPDATE uow.event SET data = '{}' WHERE stream_id = $1 AND version = 3`, [
    bad?.id,
  ])
  const refused = rebuild(talliedProjection(), sources())
  await expect(refused).rejects.toThrow('no view can take from the log')
  expect(await inViews()).toHaveLength(20)

  await house.read.query('UPDATE read.stock_holds SET version = 2 WHERE id = $1::uuid', [bad?.id])
  const { blocked } = await rebuild(talliedProjection(), sources())
  expect(blocked).toHaveLength(1)
  const after = await inViews()
  expect(after).toHaveLength(20)
  expect(after.find(({ id }) => id === bad?.id)?.version).toBe(2)
})

const row = (
  table: string,
  id = '',
  difference: RowDifference['difference'],
  columns: readonly string[],
  live: number | null,
  rebuilt: number | null,
): RowDifference => ({ table, id, difference, columns, live, rebuilt })
