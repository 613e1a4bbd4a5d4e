import { afterAll, beforeAll, beforeEach } from 'bun:test'
import type { Ask } from '../../cli/confirm.ts'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import { readSettings } from '../../shared/runtime/settings.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'

/** The databases of both sides, with empty lanes, and operations on them whose words are kept. */
export const twoDatabases = () => {
  let homes: readonly TestDatabase[] = []
  let opened: readonly Database[] = []
  let printed: string[] = []
  const nth = (n: number): Database => {
    const database = opened[n]
    if (!database) throw new Error('the test has not begun')
    return database
  }
  beforeAll(async () => {
    homes = await Promise.all([testDatabase(['delivery']), testDatabase(['delivery'])])
    opened = homes.map(({ url }) => openDatabase(url, { name: 'test', max: 4 }))
  }, 60_000)
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()))
    for (const home of homes) await home.drop()
  }, 60_000)
  beforeEach(async () => {
    printed = []
    for (const database of opened)
      await database.query(
        'TRUNCATE delivery.lane, delivery.lane_message, delivery.inbox, delivery.outbox',
      )
  })
  return {
    get write() {
      return nth(0)
    },
    get read() {
      return nth(1)
    },
    operation(ask?: Ask) {
      const [write, read] = homes.map(({ url }) => url)
      const { settings } = readSettings({ DATABASE_URL: write, READ_DATABASE_URL: read })
      return { settings, home: '/nowhere', print: (text: string) => void printed.push(text), ask }
    },
    /** What was printed since the last time. */
    printed: () => printed.splice(0).join('\n'),
  }
}

/** How an operation ended that says so by its exit code. */
export const exitOf = async (work: Promise<unknown>) => {
  const error = (await work.catch((thrown: unknown) => thrown)) as
    { readonly code?: number; readonly message: string } | undefined
  return { code: error?.code ?? 0, message: error?.message ?? '' }
}
