import type { EventContract } from '../shared/contracts/contract.ts'
import type { Queryable } from '../shared/postgres/database.ts'
import { endsInLog } from './ends-in-log.ts'

/** A saga as people get to see it. */
export interface ListedSaga {
  readonly saga: string
  readonly id: string
  readonly step: string
  readonly version: number
  readonly started_at: Date
  readonly updated_at: Date
  readonly ended_at: Date | null
}

const columns = 'saga, id, step, version, started_at, updated_at, ended_at'

const running = `
  SELECT ${columns} FROM uow.saga WHERE ended_at IS NULL ORDER BY started_at, id LIMIT $1::integer`
const all = `SELECT ${columns} FROM uow.saga ORDER BY started_at DESC, id LIMIT $1::integer`

/** Those that have not ended, the oldest first; or all, the newest first. */
export const listSagas = (
  on: Queryable,
  { ended, limit }: { readonly ended: boolean; readonly limit: number },
): Promise<readonly ListedSaga[]> => on.query<ListedSaga>(ended ? all : running, [limit])

const find = `SELECT ${columns}, state FROM uow.saga WHERE id = $1 ORDER BY saga`

/** Every saga of that id, with its state. */
export const findSagas = (
  on: Queryable,
  id: string,
): Promise<readonly (ListedSaga & { readonly state: object })[]> => on.query(find, [id])

const countRunning = 'SELECT count(*)::integer AS n FROM uow.saga WHERE ended_at IS NULL'

/** Sagas that have not ended. */
export const countSagas = async (on: Queryable): Promise<number> =>
  (await on.query<{ n: number }>(countRunning))[0]?.n ?? 0

// Among the latest of them: a month of busy days would take longer than a statement may.
const countReacting = `
  SELECT count(*)::integer AS n
  FROM (SELECT id FROM uow.reactor WHERE saga = $1 ORDER BY started_at DESC LIMIT 100000) AS r
  WHERE NOT EXISTS (
    SELECT FROM uow.event e
    WHERE e.stream_module = $2 AND e.stream_id = r.id AND e.type LIKE ANY($3::text[]))`

/** What a reactor remembers, of late, and the log knows no end of. */
export const countReactions = async (
  on: Queryable,
  reactor: string,
  endedBy: readonly EventContract[],
): Promise<number> => {
  const { module, types } = endsInLog(endedBy)
  return (await on.query<{ n: number }>(countReacting, [reactor, module, types]))[0]?.n ?? 0
}
