import type { Queryable } from '../../shared/postgres/database.ts'
import { besideTable, liveTable } from './names.ts'
import type { Building } from './progress.ts'

/**
 * Puts live rows into the tables beside them where these have none, or an older version: a row that was
 * folded from its first event on is as good as its version says. Answers how many rows of heads it were.
 */
export async function keepLive(on: Queryable, { schema, projection }: Building): Promise<number> {
  let kept = 0
  for (const view of projection.views) {
    const [live, beside] = [liveTable(view), besideTable(schema, view)]
    await on.query(
      `DELETE FROM ${beside} s USING ${live} l WHERE l.id = s.id AND s.version < l.version`,
    )
    const [added] = await on.query<{ rows: number }>(
      `WITH added AS (
         INSERT INTO ${beside} SELECT l.* FROM ${live} l
         WHERE NOT EXISTS (SELECT FROM ${beside} s WHERE s.id = l.id) RETURNING 1)
       SELECT count(*)::float8 AS rows FROM added`,
    )
    if (projection.heads.includes(view)) kept += added?.rows ?? 0
  }
  return kept
}
