import { orAfter, pause } from '../../shared/delivery/pause.ts'
import type { Database, Queryable } from '../../shared/postgres/database.ts'
import type { Projection } from '../projection/projections.ts'
import type { View } from '../projection/view.ts'
import { type Applier, applier as applierFor, type Blocked } from './apply.ts'
import { catchUp, sweep, type Unreached } from './catch-up.ts'
import { compare, type Comparison } from './compare.ts'
import { besideTable, liveTable } from './names.ts'
import { beginBuilding, type Building, endBuilding } from './progress.ts'
import { inPortions, type Reach } from './reach.ts'
import { type Scan, scan } from './scan.ts'
import { dropShadows, indexShadows } from './shadow.ts'
import { swap } from './swap.ts'

export interface Sources {
  /** The database of the event log. */
  readonly log: Queryable
  /** The database of the views. */
  readonly read: Database
  /** Events that are read and written at once. */
  readonly pageSize?: number
  readonly onPage?: Scan['onPage']
}

export interface Rebuilt {
  /** Read of the log, by the runs before as well. */
  readonly events: number
  /** Rows that were wrong just before the swap. */
  readonly corrected: number
  /** Rows that were behind the log just before the swap: late, or lost. */
  readonly behind: number
  readonly unreached: readonly Unreached[]
  readonly blocked: readonly Blocked[]
}

/**
 * Builds the tables of a projection anew from the event log, beside the live ones, and swaps them in
 * one transaction, while the projector and readers go on. A run that is killed can be repeated: it
 * goes on where it was. Throws `RebuildRefused`; then nothing live has changed.
 */
export async function rebuild(projection: Projection, sources: Sources): Promise<Rebuilt> {
  const begun = await beginBuilding(sources.read, 'read_next', projection)
  const applier = applierFor('read_next', projection)
  const building = await build(begun, applier, sources)
  const reaching = { read: sources.read, reach: byVersions(sources, applier) }
  const { count, behind } = await compare(building, reaching)
  const unreached = await swap(building, reaching)
  return {
    events: building.events,
    corrected: count - behind,
    behind,
    unreached,
    blocked: [...applier.blocked.values()],
  }
}

/**
 * Compares a projection with what the event log makes of it; the live tables stay as they are. Rows
 * that are behind the log are waited for as long as `patienceMs`: their events may be on their way.
 */
export async function diff(
  projection: Projection,
  { patienceMs = 3000, ...sources }: Sources & { readonly patienceMs?: number },
): Promise<Comparison> {
  const { read } = sources
  const begun = await beginBuilding(read, 'read_diff', projection, { anew: true })
  const applier = applierFor('read_diff', projection)
  const building = await build(begun, applier, sources)
  const patience = new AbortController()
  await orAfter(patienceMs, liveCaughtUp(building, read, patience.signal))
  patience.abort()
  const comparison = await compare(building, { read, reach: byVersions(sources, applier) })
  await dropShadows(read, 'read_diff', projection)
  await endBuilding(read, building)
  return comparison
}

const byVersions =
  ({ log }: Sources, applier: Applier): Reach =>
  (building, at) =>
    catchUp(building, { ...at, log, applier })

async function build(begun: Building, applier: Applier, sources: Sources): Promise<Building> {
  const { log, read, pageSize = 4000, onPage = () => {} } = sources
  const building = await scan(begun, { log, read, applier, pageSize, onPage })
  const portions = { ...inPortions(building, read), log, applier }
  // What has changed behind a place may also be lost again, when there was time in between.
  if (begun.events > 0) await sweep(building, portions)
  await indexShadows(read, begun.schema, begun.projection)
  await catchUp(building, portions)
  return building
}

async function liveCaughtUp(
  { schema, projection }: Building,
  read: Queryable,
  signal: AbortSignal,
) {
  for (const head of projection.heads) {
    const behind = `SELECT 1 AS behind FROM ${besideTable(schema, head as View)} s
      LEFT JOIN ${liveTable(head as View)} l ON l.id = s.id
      WHERE l.version IS NULL OR l.version < s.version LIMIT 1`
    while (!signal.aborted && (await read.query(behind)).length > 0) await pause(100, signal)
  }
}
