import { getTableColumns } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import type { Queryable } from './database.ts'

/**
 * Set-based reading and writing of the rows of one table, each call one statement whatever the number
 * of rows. Rows have the shape of drizzle's `$inferSelect`; `id` is their primary key.
 */
export interface RowStore<Row extends { readonly id: string }> {
  /** Schema-qualified and quoted. */
  readonly table: string
  /** SQL type of the column `id`. */
  readonly idType: string
  read(on: Queryable, ids: readonly string[]): Promise<Row[]>
  /**
   * Locks in ascending order of id, so that two callers never wait for each other in a ring.
   * `SKIP LOCKED` leaves out rows that somebody else holds: the caller cannot tell them from absent ones.
   */
  lock(on: Queryable, ids: readonly string[], mode: RowLock): Promise<Row[]>
  /** Inserts, or replaces the row of that id. */
  upsert(on: Queryable, rows: readonly Row[]): Promise<void>
  /** Replaces rows that still have the expected `version`; answers the ids that did. */
  updateExpected(
    on: Queryable,
    rows: readonly { readonly row: Row; readonly expectedVersion: number }[],
  ): Promise<string[]>
  /**
   * Inserts rows without an expected version, replaces the others if they still have theirs; answers
   * the ids for which that was so. Inserts in ascending order of id.
   */
  save(
    on: Queryable,
    rows: readonly { readonly row: Row; readonly expectedVersion: number | undefined }[],
  ): Promise<string[]>
  delete(on: Queryable, ids: readonly string[]): Promise<void>
}

export type RowLock =
  'FOR UPDATE' | 'FOR UPDATE SKIP LOCKED' | 'FOR SHARE' | 'FOR SHARE SKIP LOCKED'

/** The store of a drizzle table with a column `id`; `updateExpected` needs a column `version` too. */
export const rowStore = <Table extends PgTable>(
  table: Table,
): RowStore<Table['$inferSelect'] & { readonly id: string }> => {
  type Row = Table['$inferSelect'] & { readonly id: string }
  const config = getTableConfig(table)
  const name = `${quote(config.schema ?? 'public')}.${quote(config.name)}`
  const columns = Object.entries(getTableColumns(table)).map(([field, column]) => ({
    field,
    name: column.name,
    type: column.getSQLType(),
  }))
  const id = columns.find((column) => column.field === 'id')
  if (!id) throw new Error(`table ${name} has no column id`)

  const selected = columns.map((c) => `t.${quote(c.name)} AS ${quote(c.field)}`).join(', ')
  const names = columns.map((c) => quote(c.name)).join(', ')
  const values = columns.map((c) => `r.${quote(c.field)}`).join(', ')
  const record = columns.map((c) => `${quote(c.field)} ${c.type}`).join(', ')
  const others = columns.filter((column) => column !== id)
  const replaced = others.map((c) => `${quote(c.name)} = EXCLUDED.${quote(c.name)}`).join(', ')
  const assigned = others.map((c) => `${quote(c.name)} = r.${quote(c.field)}`).join(', ')
  const byIds = `FROM ${name} t WHERE t.${quote(id.name)} = ANY($1::${id.type}[])`
  const select = `SELECT ${selected} ${byIds}`
  const upsert =
    `INSERT INTO ${name} (${names}) SELECT ${values} FROM json_to_recordset($1::json) AS r(${record})` +
    ` ON CONFLICT (${quote(id.name)}) DO ${replaced ? `UPDATE SET ${replaced}` : 'NOTHING'}`
  const expecting = `json_to_recordset($1::json) AS r(${record}, expected integer)`
  const updateFrom = (source: string) =>
    `UPDATE ${name} t SET ${assigned} FROM ${source} WHERE t.${quote(id.name)} = r.id` +
    ` AND t.version = r.expected RETURNING t.${quote(id.name)}::text AS id`
  const update = updateFrom(expecting)
  const save =
    `WITH r AS (SELECT * FROM ${expecting}),` +
    ` added AS (INSERT INTO ${name} (${names}) SELECT ${values} FROM r WHERE r.expected IS NULL` +
    ` ORDER BY r.id ON CONFLICT (${quote(id.name)}) DO NOTHING RETURNING ${quote(id.name)}::text AS id),` +
    ` changed AS (${updateFrom('r')})` +
    ` SELECT id FROM added UNION ALL SELECT id FROM changed`

  return {
    table: name,
    idType: id.type,
    read: (on, ids) => on.query<Row>(select, [ids]),
    lock: (on, ids, mode) =>
      on.query<Row>(
        `${select} ORDER BY t.${quote(id.name)} ${mode.replace(/^FOR \w+/, '$& OF t')}`,
        [ids],
      ),
    async upsert(on, rows) {
      if (rows.length > 0) await on.query(upsert, [rows])
    },
    async updateExpected(on, rows) {
      if (rows.length === 0) return []
      const given = rows.map(({ row, expectedVersion }) => ({ ...row, expected: expectedVersion }))
      return (await on.query<{ id: string }>(update, [given])).map((updated) => updated.id)
    },
    async save(on, rows) {
      if (rows.length === 0) return []
      const given = rows.map(({ row, expectedVersion }) => ({ ...row, expected: expectedVersion }))
      return (await on.query<{ id: string }>(save, [given])).map((saved) => saved.id)
    },
    async delete(on, ids) {
      if (ids.length > 0) await on.query(`DELETE ${byIds}`, [ids])
    },
  }
}

const quote = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`
