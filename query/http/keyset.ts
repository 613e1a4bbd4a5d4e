import { getTableColumns } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { cursorTime, decodeCursor } from '../../shared/http/paging.ts'
import { isUuid } from '../../shared/kernel/ids.ts'
import type { Queryable } from '../../shared/postgres/database.ts'

/** `?` stands for the value; without a value it is taken as it is. Never built from input. */
export type Condition = readonly [sql: string, value?: unknown]

/** Compares a column of UUIDs by its index with what may be anything: whatever is no UUID is nobody's. */
export const hasId = (column: string, id: string): Condition =>
  isUuid(id) ? [`${column} = ?::uuid`, id] : ['false']

export interface PageRequest {
  readonly limit: number
  readonly cursor?: string | undefined
}

const cursorKey = z.tuple([cursorTime, z.guid()])

/** The columns of a table, by name: `*` would break prepared statements when a column is added. */
export const columnsOf = (table: PgTable): string =>
  Object.values(getTableColumns(table))
    .map(({ name }) => name)
    .join(', ')

/**
 * Lists a table, newest first, by keyset: one row more than the limit, so that the reader knows
 * whether there is a next page. One prepared statement for each combination of conditions. `columns`
 * may have more than the table has: `More`.
 */
export const keysetList = <Table extends PgTable, More extends object = object>(
  table: Table,
  time: keyof Table['$inferSelect'] & string,
  columns = columnsOf(table),
) => {
  const { schema, name } = getTableConfig(table)
  const select = `SELECT ${columns} FROM ${schema}.${name}`
  return async (
    on: Queryable,
    conditions: readonly Condition[],
    { limit, cursor }: PageRequest,
  ): Promise<(Table['$inferSelect'] & More)[]> => {
    const parameters: unknown[] = []
    const place = (value: unknown) => `$${parameters.push(value)}`
    const where = conditions.map(([sql, value]) => sql.replace('?', () => place(value)))
    if (cursor !== undefined) {
      const [at, id] = decodeCursor(cursor, cursorKey)
      where.push(`(${time}, id) < (${place(at)}::timestamptz, ${place(id)}::uuid)`)
    }
    const filter = where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`
    const order = ` ORDER BY ${time} DESC, id DESC LIMIT ${place(limit + 1)}::integer`
    return on.query(select + filter + order, parameters)
  }
}
