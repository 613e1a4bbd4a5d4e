import type { Database, Queryable, Transaction } from '../../shared/postgres/database.ts'
import { outsideTransaction } from '../../shared/postgres/guard.ts'
import { tableName } from '../projection/projections.ts'
import type { View } from '../projection/view.ts'
import type { Unreached } from './catch-up.ts'
import { besideTable, liveTable } from './names.ts'
import { patiently } from './patience.ts'
import { type Building, requireOwn } from './progress.ts'
import { inPortions, type Reach } from './reach.ts'

/** A row that is not what the log says; without its values, which may be personal. */
export interface RowDifference {
  readonly table: string
  readonly id: string
  readonly difference: 'missing' | 'surplus' | 'behind' | 'differs'
  /** Columns that differ, where both have the row. */
  readonly columns: readonly string[]
  readonly live: number | null
  readonly rebuilt: number | null
}

export interface Comparison {
  /** All of them, also where only some are named. */
  readonly count: number
  /** Of these, rows that have not come as far as the log: late, or lost. */
  readonly behind: number
  /** At most 1000 a table. */
  readonly rows: readonly RowDifference[]
  readonly unreached: readonly Unreached[]
}

const named = 1000

export interface Reaching {
  readonly read: Database
  readonly reach: Reach
}

/** Compares the live tables with those beside them, row by row, as of one moment. */
export const compare = (building: Building, reaching: Reaching): Promise<Comparison> =>
  asOfOneMoment(building, reaching, async (snapshot, unreached) => ({
    ...(await compareTables(snapshot, building)),
    unreached,
  }))

/**
 * Does `work` in a snapshot in which both kinds of table are at the same versions. For that moment the
 * projector is held up: as long as it takes to catch up with it, not as long as the work takes.
 */
export async function asOfOneMoment<Result>(
  building: Building,
  { read, reach }: Reaching,
  work: (snapshot: Transaction, unreached: readonly Unreached[]) => Promise<Result>,
): Promise<Result> {
  const begin = async (tx: Transaction) => {
    const seen = Promise.withResolvers<void>()
    await lockHeads(tx, building)
    const unreached = await outsideTransaction(() => reach(building, inPortions(building, read)))
    const working = outsideTransaction(() =>
      read.transaction(async (snapshot) => {
        await snapshot.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
        await requireOwn(snapshot, building)
        seen.resolve()
        return work(snapshot, unreached)
      }),
    )
    working.catch(seen.reject)
    await seen.promise
    return { working }
  }
  const { working } = await patiently(() => read.transaction(begin))
  return working
}

/** Until the transaction ends no projector is within this projection; readers do not notice. */
export async function lockHeads(tx: Transaction, { projection }: Building): Promise<void> {
  for (const head of projection.heads)
    await tx.query(`LOCK TABLE ${liveTable(head)} IN EXCLUSIVE MODE`)
}

async function compareTables(on: Queryable, { schema, projection }: Building) {
  const rows: RowDifference[] = []
  let [count, behind] = [0, 0]
  for (const view of projection.views) {
    const found = await differing(on, liveTable(view), besideTable(schema, view))
    count += found[0]?.count ?? 0
    behind += found[0]?.behind ?? 0
    rows.push(...found.map((row) => differenceOf(view, row)))
  }
  return { count, behind, rows }
}

interface Pair {
  readonly id: string
  readonly live: Readonly<Record<string, unknown>> | null
  readonly rebuilt: Readonly<Record<string, unknown>> | null
  readonly count: number
  readonly behind: number
}

const differing = (on: Queryable, live: string, beside: string) =>
  on.query<Pair>(
    `SELECT coalesce(l.id, s.id)::text AS id, row_to_json(l) AS live, row_to_json(s) AS rebuilt,
       (count(*) OVER ())::float8 AS count,
       (count(*) FILTER (WHERE l.id IS NULL OR l.version < s.version) OVER ())::float8 AS behind
     FROM ${live} l FULL JOIN ${beside} s ON s.id = l.id
     WHERE l::text IS DISTINCT FROM s::text ORDER BY 1 LIMIT ${named}`,
  )

function differenceOf(view: View, { id, live, rebuilt }: Pair): RowDifference {
  const versions = { live: versionOf(live), rebuilt: versionOf(rebuilt) }
  const about = { table: tableName(view), id, ...versions }
  if (!live) return { ...about, difference: 'missing', columns: [] }
  if (!rebuilt) return { ...about, difference: 'surplus', columns: [] }
  const columns = Object.keys(rebuilt).filter(
    (column) => JSON.stringify(live[column]) !== JSON.stringify(rebuilt[column]),
  )
  const isBehind = (versions.live ?? 0) < (versions.rebuilt ?? 0)
  return { ...about, difference: isBehind ? 'behind' : 'differs', columns }
}

const versionOf = (row: Pair['live']) =>
  typeof row?.['version'] === 'number' ? row['version'] : null
