import { getTableConfig } from 'drizzle-orm/pg-core'
import type { Queryable } from '../../shared/postgres/database.ts'
import type { Projection } from '../projection/projections.ts'
import { tableName } from '../projection/projections.ts'
import type { View } from '../projection/view.ts'
import { type BesideSchema, besideTable, liveTable, quote } from './names.ts'

/** Makes an empty table beside each live one of a projection, in place of what was there. */
export async function makeShadows(
  on: Queryable,
  schema: BesideSchema,
  { views }: Projection,
): Promise<void> {
  for (const view of views) {
    const [live, beside] = [liveTable(view), besideTable(schema, view)]
    await on.query(`DROP TABLE IF EXISTS ${beside}`)
    // Not the indexes: they would come under other names than the migrations know.
    await on.query(`CREATE TABLE ${beside} (LIKE ${live} INCLUDING ALL EXCLUDING INDEXES)`)
    for (const { name, definition } of await constraintsOf(on, live))
      await on.query(`ALTER TABLE ${beside} ADD CONSTRAINT ${quote(name)} ${definition}`)
    for (const statement of await rightsOf(on, live, beside)) await on.query(statement)
  }
}

/** Gives the tables the indexes of the live ones, under the same names: after the bulk of the rows. */
export async function indexShadows(
  on: Queryable,
  schema: BesideSchema,
  { views }: Projection,
): Promise<void> {
  for (const view of views) {
    for (const definition of await missingIndexes(on, schema, view)) await on.query(definition)
    await on.query(`ANALYZE ${besideTable(schema, view)}`)
  }
}

export async function dropShadows(
  on: Queryable,
  schema: BesideSchema,
  { views }: Projection,
): Promise<void> {
  for (const view of views) await on.query(`DROP TABLE IF EXISTS ${besideTable(schema, view)}`)
}

/** What the live tables and their indexes look like, and which revisions of the views fill them. */
export async function shapeOf(on: Queryable, { views }: Projection): Promise<string> {
  const tables = await Promise.all(views.map((view) => columnsOf(on, liveTable(view))))
  return views.map((view, at) => `${view.name} ${view.revision} ${tables[at]}`).join('\n')
}

export async function areThere(
  on: Queryable,
  schema: BesideSchema,
  { views }: Projection,
): Promise<boolean> {
  const [found] = await on.query<{ all: boolean }>(
    'SELECT bool_and(to_regclass(t) IS NOT NULL) AS all FROM unnest($1::text[]) AS t',
    [views.map((view) => besideTable(schema, view))],
  )
  return found?.all ?? false
}

const columnsOf = async (on: Queryable, table: string) => {
  const [found] = await on.query<{ columns: string }>(
    `SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull, ', '
       ORDER BY attnum) || coalesce((SELECT string_agg(pg_get_indexdef(indexrelid), '; '
         ORDER BY indexrelid) FROM pg_index WHERE indrelid = $1::regclass), '') AS columns
     FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [table],
  )
  return found?.columns ?? ''
}

const constraintsOf = (on: Queryable, table: string) =>
  on.query<{ name: string; definition: string }>(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE conrelid = $1::regclass AND contype IN ('p', 'u', 'x') ORDER BY conname`,
    [table],
  )

const missingIndexes = async (on: Queryable, schema: BesideSchema, view: View) => {
  const live = getTableConfig(view.table).schema ?? 'public'
  const found = await on.query<{ definition: string }>(
    `SELECT replace(i.indexdef, format(' ON %I.%I ', $2::text, $3::text),
       format(' ON %I.%I ', $1::text, $3::text)) AS definition
     FROM pg_indexes i WHERE i.schemaname = $2 AND i.tablename = $3 AND NOT EXISTS (
       SELECT FROM pg_indexes n
       WHERE n.schemaname = $1 AND n.tablename = $3 AND n.indexname = i.indexname)
     ORDER BY i.indexname`,
    [schema, live, tableName(view)],
  )
  return found.map(({ definition }) => definition)
}

// Whoever may read the live table may read the one that takes its place.
const rightsOf = async (on: Queryable, live: string, beside: string) => {
  const grants = await on.query<{ statement: string }>(
    `SELECT format('GRANT %s ON %s TO %s', a.privilege_type, $2::text,
       CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END) AS statement
     FROM pg_class c, aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
     WHERE c.oid = $1::regclass AND a.grantee <> c.relowner`,
    [live, beside],
  )
  const owner = await on.query<{ statement: string }>(
    `SELECT format('ALTER TABLE %s OWNER TO %I', $2::text, r.rolname) AS statement
     FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
     WHERE c.oid = $1::regclass AND r.rolname <> current_user`,
    [live, beside],
  )
  return [...grants, ...owner].map(({ statement }) => statement)
}
