import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as applyFolder } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'

/** A set is the folder `migrations/<set>`; what it has applied is in the table `migrations.<set>`. */
export type MigrationSet = 'broker' | 'delivery' | 'uow' | 'write' | 'read'

export const writeSets: readonly MigrationSet[] = ['broker', 'delivery', 'uow', 'write']
export const readSets: readonly MigrationSet[] = ['delivery', 'read']
export const allSets: readonly MigrationSet[] = [...writeSets, 'read']

export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url))

const lock = 7_165_337

/**
 * Brings a database up to date with the given sets, each in one transaction. May be started any
 * number of times at once: one works, the others wait and then find nothing to do, which
 * drizzle's own migrator does not guarantee.
 *
 * Needs a direct connection, since the lock belongs to the session (not through a pooler in
 * transaction mode). Throws the error of the database, which names the failing statement, and one that
 * names the folder of a set that is not there: an incomplete copy of the checkout.
 */
export async function migrate(
  url: string,
  sets: readonly MigrationSet[],
  folder: string = migrationsFolder,
): Promise<void> {
  for (const set of sets) requireMigrations(folder, set)
  const client = postgres(url, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: 'aeroalpes migrate' },
  })
  try {
    await client`SELECT pg_advisory_lock(${lock})`
    const database = drizzle(client)
    for (const set of sets) {
      await applyFolder(database, {
        migrationsFolder: join(folder, set),
        migrationsSchema: 'migrations',
        migrationsTable: set,
      })
    }
  } finally {
    await client.end()
  }
}

/** Migrates both sides' databases, which may be one. */
export async function migrateBoth(writeUrl: string, readUrl: string): Promise<void> {
  if (writeUrl === readUrl) return migrate(writeUrl, allSets)
  await migrate(writeUrl, writeSets)
  await migrate(readUrl, readSets)
}

function requireMigrations(folder: string, set: MigrationSet): void {
  const journal = join(folder, set, 'meta', '_journal.json')
  if (!existsSync(journal)) throw new Error(`${journal} is missing: copy the whole checkout`)
}
