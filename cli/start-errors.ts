import { Transient } from '../shared/kernel/fates.ts'
import { errorCode } from '../shared/postgres/errors.ts'
import { Exit } from './exit.ts'

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
