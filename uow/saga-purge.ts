import type { Queryable } from '../shared/postgres/database.ts'
import { endsInLog } from './ends-in-log.ts'
import type { SagaKeeping, SagaTable } from './saga-rows.ts'

// A reactor has no end of its own: what it is about has. Either may still undo something then.
const isDone = { saga: 'AND s.ended_at IS NOT NULL', reactor: '' } as const

const purge = (table: SagaTable) => `
  WITH gone AS (DELETE FROM uow.${table} WHERE ctid = ANY (ARRAY(
    SELECT s.ctid FROM uow.${table} s
    WHERE s.saga = $1 AND s.started_at < now() - $2::integer * interval '1 day'
      AND s.updated_at < now() - $2::integer * interval '1 day' ${isDone[table]}
      AND EXISTS (SELECT FROM uow.event e
        WHERE e.stream_module = $3 AND e.stream_id = s.id AND e.type LIKE ANY($4::text[]))
    ORDER BY s.started_at LIMIT $5::integer)) RETURNING 1)
  SELECT count(*)::integer AS n FROM gone`

/**
 * Deletes what has reacted to nothing for so many days and is about something that has ended, at most
 * `limit` at once; true when there may be more. It does not begin again: the log knows the end.
 */
export const purgeSagas = async (
  on: Queryable,
  { table, saga, endedBy }: SagaKeeping,
  days = 30,
  limit = 5000,
): Promise<boolean> => {
  const { module, types } = endsInLog(endedBy)
  const [row] = await on.query<{ n: number }>(purge(table), [saga, days, module, types, limit])
  return row?.n === limit
}
