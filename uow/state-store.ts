import type { PgTable } from 'drizzle-orm/pg-core'
import type { Queryable } from '../shared/postgres/database.ts'
import {
  type RowLock,
  type RowPlace,
  type RowStore,
  rowStore,
} from '../shared/postgres/row-store.ts'
import type { AggregateRow } from './aggregate.ts'

/** A state as it was found. */
export interface Found {
  readonly id: string
  readonly row: AggregateRow | undefined
  /** Why there is no state although something is there. Whoever needs it fails with this. */
  readonly unreadable?: unknown
  /** Version of the snapshot that it was folded from. */
  readonly foldedFrom?: number
}

/** A state to be written, with what it was decided on: nothing for a new one. */
export interface Changed {
  readonly row: AggregateRow
  readonly found: Found | undefined
}

/**
 * Where the states of one aggregate are. Every call takes a number of statements that does not depend
 * on the number of ids; absent ones are left out of the answer.
 */
export interface StateStore {
  read(on: Queryable, ids: readonly string[]): Promise<readonly Found[]>
  /**
   * Locks in ascending order of id, so that two callers never wait for each other in a ring.
   * `SKIP LOCKED` leaves out what somebody else holds: the caller cannot tell it from what is absent.
   */
  lock(on: Queryable, ids: readonly string[], mode: RowLock): Promise<readonly Found[]>
  /** Writes what is still at the version that was found, and new ones that are still absent; answers their ids. */
  save(on: Queryable, changed: readonly Changed[]): Promise<readonly string[]>
}

/** States that are rows of a table. */
export const rowStates = (
  table: PgTable,
  place: RowPlace,
): StateStore & { readonly idType: string } => {
  // What a table gives back is known to the aggregate that declared it, and to nobody else.
  const store = rowStore(table, place) as unknown as RowStore<AggregateRow>
  const found = (rows: readonly AggregateRow[]) => rows.map((row) => ({ id: row.id, row }))
  return {
    idType: store.idType,
    read: async (on, ids) => found(await store.read(on, ids)),
    lock: async (on, ids, mode) => found(await store.lock(on, ids, mode)),
    save: (on, changed) =>
      store.save(
        on,
        changed.map(({ row, found: before }) => ({ row, expectedVersion: before?.row?.version })),
      ),
  }
}
