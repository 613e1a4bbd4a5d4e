import type { Queryable } from '../../shared/postgres/database.ts'
import { outsideTransaction } from '../../shared/postgres/guard.ts'
import type { View } from '../projection/view.ts'
import { aggregateKey, type Applier, type Blocked } from './apply.ts'
import { type LogModule, logModules, type Missing, readHeads, readMissing } from './event-log.ts'
import { besideTable, liveTable } from './names.ts'
import type { Building } from './progress.ts'
import type { At } from './reach.ts'
import { RebuildRefused } from './refused.ts'

/** A version of a live row that nothing in the log accounts for. */
export interface Unreached {
  readonly table: string
  readonly id: string
  readonly live: number
  readonly rebuilt: number
  /** The event of the log that no view can take, if there is one. */
  readonly blocked: Blocked | undefined
}

export interface CatchUp extends At {
  readonly log: Queryable
  readonly applier: Applier
}

const rows = 1000
const events = 5000

/**
 * Applies what the live tables have and those beside them have not, by the versions of their heads: what
 * is live was committed in the log before, so that no order of commits can hide it. Answers what
 * could not be reached.
 */
export async function catchUp(
  { projection, schema }: Building,
  catching: CatchUp,
): Promise<readonly Unreached[]> {
  const unreached: Unreached[] = []
  for (const stream of projection.streams) {
    const [live, beside] = [
      liveTable(stream.head as View),
      besideTable(schema, stream.head as View),
    ]
    const left = new Set<string>()
    for (;;) {
      const missing = await findMissing(catching.on, live, beside, [...left])
      if (missing.length === 0) break
      // Asked anew: the first event of all may have come meanwhile.
      const modules = await outsideTransaction(() => logModules(catching.log, [stream]))
      if (modules.length === 0)
        throw new RebuildRefused(
          `the event log has no events of ${live}, which has rows: is it the right database?`,
        )
      for (const module of modules) await fetchMissing(module, missing, catching)
      const moved = await versionsOf(catching.on, beside, missing)
      for (const { id, version, wanted } of missing) {
        const rebuilt = moved.get(id) ?? 0
        if (rebuilt > version) continue
        // What did not move will not: the log has no more of it, or no view takes what it has.
        left.add(id)
        const blocked = blockedOf(catching.applier, modules, id)
        unreached.push({ table: live, id, live: wanted, rebuilt, blocked })
      }
    }
  }
  return unreached
}

const blockedOf = ({ blocked }: Applier, modules: readonly LogModule[], id: string) =>
  modules.map(({ module }) => blocked.get(aggregateKey(module, id))).find((cause) => cause)

/**
 * Applies what the log has and the tables have not, aggregate by aggregate: for a building that went
 * on after a while, in which the live tables may have lost again what they had.
 */
export async function sweep(building: Building, catching: CatchUp): Promise<void> {
  const modules = await logModules(catching.log, building.projection.streams)
  for (const logModule of modules) {
    const { module, stream } = logModule
    const beside = besideTable(building.schema, stream.head as View)
    let after = ''
    for (;;) {
      const heads = await readHeads(catching.log, module, after, 10 * rows)
      if (heads.length === 0) break
      after = heads.at(-1)?.id ?? ''
      const versions = await versionsOf(catching.on, beside, heads)
      const missing = heads
        .map(({ id, version }) => ({ id, version: versions.get(id) ?? 0, wanted: version }))
        .filter(({ version, wanted }) => version < wanted)
      for (let at = 0; at < missing.length; at += rows)
        await fetchMissing(logModule, missing.slice(at, at + rows), catching)
    }
  }
}

const findMissing = (on: Queryable, live: string, beside: string, left: readonly string[]) =>
  on.query<Missing>(
    `SELECT l.id::text AS id, coalesce(s.version, 0) AS version, l.version AS wanted
     FROM ${live} l LEFT JOIN ${beside} s ON s.id = l.id
     WHERE (s.version IS NULL OR s.version < l.version) AND l.id::text <> ALL($1::text[])
     LIMIT ${rows}`,
    [left],
  )

async function versionsOf(on: Queryable, beside: string, of: readonly { readonly id: string }[]) {
  const found = await on.query<{ id: string; version: number }>(
    `SELECT s.id::text AS id, s.version FROM ${beside} s
     JOIN unnest($1::text[]) AS w(id) ON s.id = w.id::uuid`,
    [of.map(({ id }) => id)],
  )
  return new Map(found.map(({ id, version }) => [id, version]))
}

async function fetchMissing(
  { module }: LogModule,
  missing: readonly Missing[],
  { log, within, applier }: CatchUp,
): Promise<void> {
  let wanted = missing.filter(({ id, version }) => {
    const first = applier.blocked.get(aggregateKey(module, id))
    return first === undefined || version + 1 < first.version
  })
  while (wanted.length > 0) {
    // The log may be another database: it is read with a connection of its own, also under the locks.
    const found = await outsideTransaction(() => readMissing(log, module, wanted, events))
    if (found.length > 0) await applier.apply(within, found)
    if (found.length < events) return
    const read = new Map(found.map(({ subject, sequence = 0 }) => [subject, sequence]))
    wanted = wanted
      .map((one) => ({ ...one, version: read.get(one.id) ?? one.version }))
      .filter((one) => one.version < one.wanted)
  }
}
