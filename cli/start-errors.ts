import { Transient } from '../shared/kernel/fates.ts'
import { errorCode } from '../shared/postgres/errors.ts'
import { probeDatabase } from '../shared/postgres/probe.ts'
import { definitions, type Settings } from '../shared/runtime/settings.ts'
import { Exit } from './exit.ts'

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

/** What keeps roles from starting on a database of somebody else's, with what to do about it. */
export function explained(error: unknown): unknown {
  if (error instanceof Transient && error.slug === 'broker-unavailable')
    return new Exit('failed', `${error.message}; DATABASE_URL says where it is`)
  if (!missing.has(errorCode(error) ?? '')) return error
  return new Exit('refused', `the database is not up to date (${wordsOf(error)}): ./aero migrate`)
}

// Schema, table, column and function: https://www.postgresql.org/docs/18/errcodes-appendix.html
const missing = new Set(['3F000', '42P01', '42703', '42883'])

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
