import type { Queryable } from '../shared/postgres/database.ts'
import type { TimerState } from './timer.table.ts'

/** A timer as people get to see it. */
export interface ListedTimer {
  readonly id: string
  readonly state: TimerState
  readonly due_at: Date
  readonly key: string
  readonly name: string
  readonly type: string
  readonly ended_at: Date | null
}

export interface TimerFilter {
  /** Only those of this key. */
  readonly key?: string | undefined
  /** Only those in this state. */
  readonly state?: TimerState | undefined
  readonly limit: number
}

const columns = 'id, state, due_at, key, name, type, ended_at'

const list = `
  SELECT ${columns} FROM uow.timer
  WHERE ($1::text IS NULL OR key = $1) AND ($2::text IS NULL OR state = $2)
  ORDER BY due_at, id LIMIT $3::integer`

/** Timers in the order in which they are due. */
export const listTimers = (
  on: Queryable,
  { key, state, limit }: TimerFilter,
): Promise<readonly ListedTimer[]> =>
  on.query<ListedTimer>(list, [key ?? null, state ?? null, limit])

const find = `SELECT ${columns} FROM uow.timer WHERE id = $1::uuid`

export const findTimer = async (on: Queryable, id: string): Promise<ListedTimer | undefined> => {
  const [found] = await on.query<ListedTimer>(find, [id])
  return found
}
