import { migrateBoth } from '../shared/postgres/migrate.ts'
import { startPostgres } from '../shared/embedded/postgres/launcher.ts'
import { makeHome, postgresFolder } from '../shared/runtime/home.ts'
import type { Settings } from '../shared/runtime/settings.ts'
import { requireDatabases } from './start-errors.ts'

export interface DatabaseUrls {
  readonly write: string
  readonly read: string
}

/** The databases of this process. `release` gives up the embedded one, if that is in use. */
export interface Databases extends DatabaseUrls {
  readonly embedded: boolean
  release(): Promise<void>
}

/** DATABASE_URL where it is set, else the embedded Postgres of this home, started or joined. */
export async function openDatabases(settings: Settings, home: string): Promise<Databases> {
  const given = settings.databaseUrl
  if (given !== undefined) {
    const read = settings.readDatabaseUrl ?? given
    return { write: given, read, embedded: false, release: async () => {} }
  }
  makeHome(home)
  const embedded = await startPostgres({ dataDir: postgresFolder(home) })
  return {
    write: embedded.url,
    read: settings.readDatabaseUrl ?? embedded.url,
    embedded: true,
    release: () => embedded.stop(),
  }
}

/** Throws `Exit` when a database cannot be opened. */
export async function migrateDatabases(settings: Settings, home: string): Promise<void> {
  await requireDatabases(settings)
  const databases = await openDatabases(settings, home)
  try {
    await migrateBoth(databases.write, databases.read)
  } finally {
    await databases.release()
  }
}
