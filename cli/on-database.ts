import { type Database, openDatabase } from '../shared/postgres/database.ts'
import type { Settings } from '../shared/runtime/settings.ts'
import { openDatabases, requireDatabases } from './databases.ts'
import { explained } from './start-errors.ts'

/** One of the two databases of a system. */
export interface Place {
  /** Whose it is: `write`, `read`, or `write and read` where both sides share it. */
  readonly database: string
  readonly on: Database
}

interface Options {
  readonly statementTimeoutMs?: number
}

/**
 * Lets an operation use the write side's database, and closes it. Throws `Exit` when it cannot be
 * opened, or is not up to date.
 */
export const onWriteDatabase = <Result>(
  settings: Settings,
  home: string,
  work: (database: Database) => Promise<Result>,
  options?: Options,
): Promise<Result> =>
  onDatabases(settings, home, ([write]: readonly [Place, ...Place[]]) => work(write.on), options)

/** The same with both databases, once where they are one. */
export async function onDatabases<Result>(
  settings: Settings,
  home: string,
  work: (places: readonly [Place, ...Place[]]) => Promise<Result>,
  options: Options = {},
): Promise<Result> {
  await requireDatabases(settings)
  const { write, read, release } = await openDatabases(settings, home)
  const open = (database: string, url: string): Place => ({
    database,
    on: openDatabase(url, { name: 'operation', max: 2, ...options }),
  })
  try {
    const places: readonly [Place, ...Place[]] =
      write === read ? [open('write and read', write)] : [open('write', write), open('read', read)]
    try {
      return await work(places)
    } finally {
      await Promise.all(places.map(({ on }) => on.close()))
    }
  } catch (error) {
    throw explained(error)
  } finally {
    await release()
  }
}
