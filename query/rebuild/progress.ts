import { randomUUID } from 'node:crypto'
import type { Database, Queryable, Transaction } from '../../shared/postgres/database.ts'
import type { Projection } from '../projection/projections.ts'
import type { LogPlace } from './event-log.ts'
import type { BesideSchema } from './names.ts'
import { RebuildRefused } from './refused.ts'
import { areThere, makeShadows, shapeOf } from './shadow.ts'

/** How far a projection is built beside its live tables. Its row is in the schema of these tables. */
export interface Building {
  readonly schema: BesideSchema
  readonly projection: Projection
  /** Names this run: another one that takes over ends it. */
  readonly run: string
  /** What the live tables were like when it began. */
  readonly shape: string
  readonly place: LogPlace
  /** Read of the log so far. */
  readonly events: number
  /** The log was read to its end. */
  readonly scanned: boolean
}

export const start: LogPlace = { module: '', stream_id: '', version: 0 }

/**
 * Begins to build a projection, or goes on where a run was killed, if the tables and the views are
 * still the same. A run that is still alive is ended by this one before its next page. What began
 * `anew` in any case no other run goes on with.
 */
export async function beginBuilding(
  read: Database,
  schema: BesideSchema,
  projection: Projection,
  { anew = false }: { readonly anew?: boolean } = {},
): Promise<Building> {
  await makeSchema(read, schema)
  const shape = await shapeOf(read, projection)
  const run = randomUUID()
  return read.transaction(async (tx) => {
    // There may be no row to lock yet.
    await tx.query('SELECT pg_advisory_xact_lock(hashtext($1))', [schema])
    const before = await lockRow(tx, schema, projection.name)
    const goesOn = !anew && before?.shape === shape && (await areThere(tx, schema, projection))
    if (!goesOn) await makeShadows(tx, schema, projection)
    const row = goesOn ? before : { ...start, events: 0, scanned: false }
    await tx.query(
      `INSERT INTO ${schema}.progress (projection, run, shape) VALUES ($1, $2::uuid, $3)
       ON CONFLICT (projection) DO UPDATE SET run = EXCLUDED.run, shape = EXCLUDED.shape`,
      [projection.name, run, anew ? '' : shape],
    )
    const building = { schema, projection, run, shape, ...rest(row) }
    await saveProgress(tx, building)
    return building
  })
}

/** Throws `RebuildRefused` when another run has taken over; locks that out until the commit. */
export async function saveProgress(tx: Transaction, building: Building): Promise<void> {
  const { schema, projection, run, place, events, scanned } = building
  const saved = await tx.query(
    `UPDATE ${schema}.progress SET module = $3, stream_id = $4, version = $5::integer,
       events = $6::bigint, scanned = $7::boolean, updated_at = now()
     WHERE projection = $1 AND run = $2::uuid RETURNING 1 AS saved`,
    [projection.name, run, place.module, place.stream_id, place.version, events, scanned],
  )
  if (saved.length === 0) throw takenOver(projection)
}

/** Throws `RebuildRefused` when another run has taken over. */
export async function requireOwn(on: Queryable, { schema, projection, run }: Building) {
  const own = await on.query(
    `SELECT 1 AS own FROM ${schema}.progress WHERE projection = $1 AND run = $2::uuid`,
    [projection.name, run],
  )
  if (own.length === 0) throw takenOver(projection)
}

/** Tells of a run that was taken over as such, whatever it has stumbled over since. */
export async function whileOwn<Result>(
  on: Queryable,
  building: Building,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    await requireOwn(on, building)
    throw error
  }
}

const takenOver = ({ name }: Projection) =>
  new RebuildRefused(`another run has taken over the building of ${name}`)

export const endBuilding = async (on: Queryable, { schema, projection }: Building) =>
  on.query(`DELETE FROM ${schema}.progress WHERE projection = $1`, [projection.name])

/** What was begun and has not ended: events read, by projection. */
export async function unfinished(read: Queryable): Promise<ReadonlyMap<string, number>> {
  const [found] = await read.query<{ there: boolean }>(
    `SELECT to_regclass('read_next.progress') IS NOT NULL AS there`,
  )
  if (!found?.there) return new Map()
  const rows = await read.query<{ projection: string; events: number }>(
    'SELECT projection, events::float8 AS events FROM read_next.progress',
  )
  return new Map(rows.map(({ projection, events }) => [projection, events]))
}

// No migration makes these: they are nobody's but a rebuild's, and may be dropped between two.
const makeSchema = (read: Database, schema: BesideSchema) =>
  read.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(hashtext($1))', [schema])
    await tx.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
    await tx.query(`CREATE TABLE IF NOT EXISTS ${schema}.progress (
      projection text PRIMARY KEY, run uuid NOT NULL, shape text NOT NULL,
      module text NOT NULL DEFAULT '', stream_id text NOT NULL DEFAULT '',
      version integer NOT NULL DEFAULT 0, events bigint NOT NULL DEFAULT 0,
      scanned boolean NOT NULL DEFAULT false, updated_at timestamptz NOT NULL DEFAULT now())`)
  })

interface ProgressRow extends LogPlace {
  readonly shape: string
  readonly events: number
  readonly scanned: boolean
}

const lockRow = async (tx: Transaction, schema: BesideSchema, name: string) => {
  const [row] = await tx.query<ProgressRow>(
    `SELECT shape, module, stream_id, version, events::float8 AS events, scanned
     FROM ${schema}.progress WHERE projection = $1 FOR UPDATE`,
    [name],
  )
  return row
}

const rest = ({ module, stream_id, version, events, scanned }: Omit<ProgressRow, 'shape'>) => ({
  place: { module, stream_id, version },
  events,
  scanned,
})
