import { type Database, openDatabase } from '../shared/postgres/database.ts'
import type { Settings } from '../shared/runtime/settings.ts'
import { openDatabases, requireDatabases } from './databases.ts'
import { explained } from './start-errors.ts'

/**
 * Lets an operation use the write side's database, and closes it. Throws `Exit` when it cannot be
 * opened, or is not up to date.
 */
export async function onWriteDatabase<Result>(
  settings: Settings,
  home: string,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  await requireDatabases(settings)
  const databases = await openDatabases(settings, home)
  try {
    const database = openDatabase(databases.write, { name: 'operation', max: 2 })
    try {
      return await work(database)
    } finally {
      await database.close()
    }
  } catch (error) {
    throw explained(error)
  } finally {
    await databases.release()
  }
}
