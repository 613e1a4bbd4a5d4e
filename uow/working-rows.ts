import { Misuse } from '../shared/kernel/fates.ts'
import type { Aggregate, AggregateRow } from './aggregate.ts'
import type { LockMode, Rows } from './handler.ts'
import type { AggregateCatalog, KeptAggregate } from './kept-aggregate.ts'
import type { Found } from './state-store.ts'
import type { NeededRow } from './task.ts'

/** One state as this transaction sees it, on its way from what was found to what will be written. */
export interface WorkingRow {
  readonly kept: KeptAggregate
  readonly id: string
  /** How it is held; an absent row cannot be held, its insertion finds out. */
  mode: LockMode
  found: Found | undefined
  current: AggregateRow | undefined
  /** Somebody else holds it, so that nothing may be decided on it now. */
  busy: boolean
}

/** The rows of one batch, by aggregate and id. */
export interface WorkingRows extends Iterable<WorkingRow> {
  find(kept: KeptAggregate, id: string): WorkingRow | undefined
  add(row: WorkingRow): void
  /** Forgets every decision: all rows as they were found. */
  reset(): void
}

export const workingRows = (): WorkingRows => {
  const tables = new Map<KeptAggregate, Map<string, WorkingRow>>()
  const all: WorkingRow[] = []
  return {
    find: (kept, id) => tables.get(kept)?.get(id),
    add(row) {
      const table = tables.get(row.kept)
      if (table) table.set(row.id, row)
      else tables.set(row.kept, new Map([[row.id, row]]))
      all.push(row)
    },
    reset() {
      for (const row of all) row.current = row.found?.row
    },
    [Symbol.iterator]: () => all[Symbol.iterator](),
  }
}

/** True when somebody else holds one of these rows. */
export const isBusy = (rows: WorkingRows, needed: readonly NeededRow[]): boolean =>
  needed.some(({ kept, id }) => rows.find(kept, id)?.busy)

/** True when a row held as `held` gives what was asked for as `wanted`. */
export const suffices = (held: LockMode, wanted: LockMode): boolean =>
  held === 'pessimistic' || held === wanted

/**
 * What one handler may see: the rows that it has declared, and no others. Throws why one of them
 * cannot be read, if so.
 */
export const declaredRows = (
  catalog: AggregateCatalog,
  rows: WorkingRows,
  needed: readonly NeededRow[],
): Rows => {
  for (const { kept, id } of needed) {
    const unreadable = rows.find(kept, id)?.found?.unreadable
    if (unreadable !== undefined) throw unreadable
  }
  return readableRows(catalog, rows, needed)
}

const readableRows = (
  catalog: AggregateCatalog,
  rows: WorkingRows,
  needed: readonly NeededRow[],
): Rows => ({
  get<Row extends AggregateRow, Event extends { type: string; data: object }>(
    aggregate: Aggregate<Row, Event>,
    id: string,
  ) {
    const kept = catalog.of(aggregate)
    declared(needed, kept, kept.canonical(id))
    return rows.find(kept, kept.canonical(id))?.current as Row | undefined
  },
})

/** The declaration of a row. Throws `Misuse` slug `row-not-locked` when there is none. */
export const declared = (
  needed: readonly NeededRow[],
  kept: KeptAggregate,
  id: string,
): NeededRow => {
  const found = needed.find((row) => row.kept === kept && row.id === id)
  if (found) return found
  throw new Misuse(
    'row-not-locked',
    `row ${id} of ${kept.name} is used without having been declared in locks or alsoLocks`,
  )
}
