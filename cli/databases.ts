import { migrateBoth } from '../shared/postgres/migrate.ts'
import { probeDatabase } from '../shared/postgres/probe.ts'
import { startPostgres } from '../shared/embedded/postgres/launcher.ts'
import { makeHome, postgresFolder } from '../shared/runtime/home.ts'
import { definitions, type Settings } from '../shared/runtime/settings.ts'
import { Exit } from './exit.ts'

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

/**
 * The databases for roles. The embedded one is migrated first, since nobody else would; another one if
 * `migrate` says so. Throws `Exit` when one cannot be opened.
 */
export async function databasesForRoles(
  settings: Settings,
  home: string,
  migrate: boolean,
): Promise<Databases> {
  if (migrate) await requireDatabases(settings)
  const databases = await openDatabases(settings, home)
  if (!databases.embedded && !migrate) return databases
  try {
    await migrateBoth(databases.write, databases.read)
    return databases
  } catch (error) {
    await databases.release()
    throw error
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

/** Throws `Exit` naming the setting whose database does not let us in. */
export async function requireDatabases(settings: Settings): Promise<void> {
  for (const name of ['databaseUrl', 'readDatabaseUrl'] as const) {
    const url = settings[name]
    if (url === undefined) continue
    await probeDatabase(url).catch((cause: unknown) => {
      const { variable } = definitions[name]
      throw new Exit(
        'failed',
        `cannot open the database of ${variable} (${wordsOf(cause)}); start it, or correct ${variable}`,
      )
    })
  }
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
