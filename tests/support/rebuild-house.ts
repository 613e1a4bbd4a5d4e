import { afterAll, beforeAll, beforeEach } from 'bun:test'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'
import { createTally } from './tally.ts'

/** An event log and, in another database, the views of `talliedStream`; both empty before each test. */
export const rebuildHouse = () => {
  let homes: readonly TestDatabase[] = []
  let opened: readonly Database[] = []
  const nth = (n: number): Database => {
    const database = opened[n]
    if (!database) throw new Error('the test has not begun')
    return database
  }
  const house = {
    get log() {
      return nth(0)
    },
    get read() {
      return nth(1)
    },
    inLog: () =>
      house.log.query<{ id: string; version: number }>(
        'SELECT stream_id AS id, max(version) AS version FROM uow.event GROUP BY 1 ORDER BY 1',
      ),
    /** Holds with their tally, where both have seen the same events, each of them once. */
    inViews: () =>
      house.read.query<{ id: string; version: number }>(
        `SELECT h.id::text AS id, h.version FROM read.stock_holds h JOIN read.tally t
         ON t.id = h.id AND t.version = h.version AND t.events = h.version ORDER BY 1`,
      ),
  }
  beforeAll(async () => {
    homes = await Promise.all([testDatabase(['uow']), testDatabase(['delivery', 'read'])])
    opened = homes.map(({ url }) => openDatabase(url, { name: 'test' }))
  }, 60_000)
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()))
    for (const home of homes) await home.drop()
  })
  beforeEach(async () => {
    await house.log.query('TRUNCATE uow.event')
    await house.log.query('DROP TABLE IF EXISTS held')
    await house.read.query('DROP SCHEMA IF EXISTS read_next CASCADE')
    await house.read.query('DROP TABLE IF EXISTS read.tally')
    await createTally(house.read)
    await house.read.query('TRUNCATE read.stock_holds')
  })
  return house
}
