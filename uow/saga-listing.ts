import type { Queryable } from '../shared/postgres/database.ts'

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
