import type { Queryable } from '../../shared/postgres/database.ts'

/** What every route of the query side needs. */
export interface ReadSide {
  readonly database: Queryable
  readonly auth: 'off' | 'jwt'
  /** Events of a module that wait to be projected; null when nobody can tell. */
  backlogOf(module: string): Promise<number | null>
}
