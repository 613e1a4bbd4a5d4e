import { expect, test } from 'bun:test'
import { seedHolds } from '../../tests/support/hold-writers.ts'
import { rebuildHouse } from '../../tests/support/rebuild-house.ts'
import { talliedProjection } from '../../tests/support/tally.ts'
import { diff, rebuild } from './rebuild.ts'

const house = rebuildHouse()
const { inLog, inViews } = house
const sources = () => ({ log: house.log, read: house.read })

/** Holds in the log, and all of them in the views. */
const seedBoth = async (holds: number, each: number) => {
  await seedHolds(house.log.url, holds, each)
  await rebuild(talliedProjection(), sources())
  return inViews()
}

test('a log without any events of a view takes nothing away: it may be the wrong database', async () => {
  const before = await seedBoth(10, 2)
  await house.log.query('TRUNCATE uow.event')
  await expect(rebuild(talliedProjection(), sources())).rejects.toThrow('has no events of')
  expect(await inViews()).toEqual(before)
})

test('an event that no view knows, first of all in its module, hides none of the others', async () => {
  const before = await seedBoth(10, 2)
  await house.log.query(
    `INSERT INTO uow.event (stream_module, stream_id, version, id, type, data, time, correlation_id,
       causation_id, command_id)
     VALUES ('stock-holds', '00000000-0000-4000-8000-000000000000', 1, gen_random_uuid(),
       'aeroalpes.inventory.StockCounted.v1', '{}', now(), 'c', 'c', 'c')`,
  )
  const { blocked, unreached } = await rebuild(talliedProjection(), sources())
  expect({ blocked: blocked.length, unreached }).toEqual({ blocked: 1, unreached: [] })
  expect(await inViews()).toEqual(before)
})

test('a log that hardly anything can be made of is refused, instead of being tried event by event', async () => {
  await seedHolds(house.log.url, 600, 1)
  await house.log.query(`UPDATE uow.event SET data = '{}'`)
  await expect(rebuild(talliedProjection(), sources())).rejects.toThrow('events of 500 aggregates')
})

test('an aggregate with a hole in its log stays before it, and live rows beyond it are not taken away', async () => {
  const before = await seedBoth(20, 5)
  const [torn] = await inLog()
  await house.log.query('DELETE FROM uow.event WHERE stream_id = $1 AND version = 3', [torn?.id])
  await expect(rebuild(talliedProjection(), sources())).rejects.toThrow('event 3 is missing')
  expect(await inViews()).toEqual(before)
  expect((await diff(talliedProjection(), { ...sources(), patienceMs: 0 })).count).toBe(2)

  // A live row that waits at the hole, too, keeps what it has.
  await house.read.query('UPDATE read.stock_holds SET version = 2 WHERE id = $1::uuid', [torn?.id])
  const { blocked } = await rebuild(talliedProjection(), sources())
  expect(blocked).toMatchObject([{ version: 4 }])
  expect((await inViews()).find(({ id }) => id === torn?.id)?.version).toBe(2)
})
