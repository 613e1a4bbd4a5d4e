import { getTableColumns } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import type { Queryable } from './database.ts'
import { rowSet } from './row-set.ts'

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
   * In a table `inTurns`, who shares rows comes after whoever waits to change some.
   */
  lock(on: Queryable, ids: readonly string[], mode: RowLock): Promise<Row[]>
  /** Inserts, or replaces the row of that id. */
  upsert(on: Queryable, rows: readonly Row[]): Promise<void>
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

export interface RowPlace {
  /** Where else than in its own schema the rows are: in a table of the same name and form. */
  readonly schema?: string | undefined
  /** Rows are shared so often that whoever wants to change one would wait for ever. */
  readonly inTurns?: boolean | undefined
}

/**
 * The store of a drizzle table with a column `id`; `save` needs a column `version` too.
 */
export const rowStore = <Table extends PgTable>(
  table: Table,
  place: RowPlace = {},
): RowStore<Table['$inferSelect'] & { readonly id: string }> => {
  type Row = Table['$inferSelect'] & { readonly id: string }
  const sql = rowSql(table, place)
  return {
    table: sql.name,
    idType: sql.idType,
    read: (on, ids) => on.query<Row>(sql.select, [ids]),
    lock: (on, ids, mode) => on.query<Row>(sql.lock(mode), [ids]),
    async upsert(on, rows) {
      if (rows.length > 0) await on.query(sql.upsert, sql.given.parameters(rows))
    },
    async save(on, rows) {
      if (rows.length === 0) return []
      const given = rows.map(({ row, expectedVersion }) => ({ ...row, expected: expectedVersion }))
      return (await on.query<{ id: string }>(sql.save, sql.expecting.parameters(given))).map(
        ({ id }) => id,
      )
    },
    async delete(on, ids) {
      if (ids.length > 0) await on.query(sql.delete, [ids])
    },
  }
}

const rowSql = (table: PgTable, { schema, inTurns = false }: RowPlace) => {
  const { name, id, columns } = shapeOf(table, schema)
  const key = quote(id.name)
  const others = columns.filter((column) => column !== id)
  const list = (items: readonly Column[], text: (column: Column) => string) =>
    items.map(text).join(', ')
  const selected = list(columns, (c) => `t.${quote(c.name)} AS ${quote(c.field)}`)
  const names = list(columns, (c) => quote(c.name))
  const values = list(columns, (c) => `r.${quote(c.field)}`)
  const replaced = list(others, (c) => `${quote(c.name)} = EXCLUDED.${quote(c.name)}`)
  const assigned = list(others, (c) => `${quote(c.name)} = r.${quote(c.field)}`)
  const types = Object.fromEntries(columns.map((c) => [c.field, c.type]))
  const given = rowSet(types)
  const expecting = rowSet({ ...types, expected: 'integer' })
  const byIds = `FROM ${name} t WHERE t.${key} = ANY($1::${id.type}[])`
  const select = `SELECT ${selected} ${byIds}`
  return {
    name,
    idType: id.type,
    given,
    expecting,
    select,
    lock: (mode: RowLock) =>
      `${select}${inTurns ? turnOf(mode, name) : ''}` +
      ` ORDER BY t.${key} ${mode.replace(/^FOR \w+/, '$& OF t')}`,
    upsert:
      `INSERT INTO ${name} (${names}) SELECT ${values} FROM ${given.from('r')}` +
      ` ON CONFLICT (${key}) DO ${replaced ? `UPDATE SET ${replaced}` : 'NOTHING'}`,
    save:
      `WITH r AS (SELECT * FROM ${expecting.from('r')}), added AS (INSERT INTO ${name} (${names})` +
      ` SELECT ${values} FROM r WHERE r.expected IS NULL ORDER BY r.id ON CONFLICT (${key}) DO NOTHING` +
      ` RETURNING ${key}::text AS id), changed AS (UPDATE ${name} t SET ${assigned} FROM r` +
      ` WHERE t.${key} = r.id AND t.version = r.expected RETURNING t.${key}::text AS id)` +
      ` SELECT id FROM added UNION ALL SELECT id FROM changed`,
    delete: `DELETE ${byIds}`,
  }
}

/**
 * Row locks that are shared do not queue behind one that waits to change the row; those of the table's
 * name do. It comes before the rows of its table and is asked for once, before any of them is locked.
 */
const turnOf = (mode: RowLock, table: string): string => {
  const key = `hashtextextended('${table.replaceAll("'", "''")}', 0)`
  switch (mode) {
    case 'FOR SHARE SKIP LOCKED':
      return ` AND (SELECT pg_try_advisory_xact_lock_shared(${key}))`
    case 'FOR SHARE':
      return ` AND (SELECT true FROM pg_advisory_xact_lock_shared(${key}))`
    case 'FOR UPDATE':
      return ` AND (SELECT true FROM pg_advisory_xact_lock(${key}))`
    case 'FOR UPDATE SKIP LOCKED':
      return ''
    default:
      return mode satisfies never
  }
}

interface Column {
  readonly field: string
  readonly name: string
  readonly type: string
}

const shapeOf = (table: PgTable, schema?: string) => {
  const config = getTableConfig(table)
  const name = `${quote(schema ?? config.schema ?? 'public')}.${quote(config.name)}`
  const columns: readonly Column[] = Object.entries(getTableColumns(table)).map(
    ([field, column]) => ({ field, name: column.name, type: column.getSQLType() }),
  )
  const id = columns.find((column) => column.field === 'id')
  if (!id) throw new Error(`table ${name} has no column id`)
  return { name, id, columns }
}

const quote = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`
