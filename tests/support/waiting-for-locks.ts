import type { Queryable } from '../../shared/postgres/database.ts'
import { until } from './until.ts'

/** Resolves when so many transactions of this database wait for a lock. */
export const waitingForLocks = (database: Queryable, count: number): Promise<unknown> =>
  until(async () => {
    const rows = await database.query(
      `SELECT FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return rows.length >= count
  })
