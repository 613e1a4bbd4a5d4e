import type { Transaction } from '../shared/postgres/database.ts'
import type { KeptAggregate } from './kept-aggregate.ts'
import type { WorkingRow, WorkingRows } from './working-rows.ts'

/**
 * Takes the rows that were decided on without a lock and are about to be written, and compares them
 * with what the decision saw. True when all are as they were. Otherwise the changed ones are fresh,
 * and held from now on; those that somebody else holds are busy; and the decision has to be taken
 * again. Never waits, so that locks taken this late, out of order, close no ring.
 */
export const confirmOptimistic = async (
  transaction: Transaction,
  rows: WorkingRows,
): Promise<boolean> => {
  const tables = new Map<KeptAggregate, WorkingRow[]>()
  for (const row of rows)
    if (row.mode === 'optimistic' && row.found && row.current !== row.found.row)
      tables.set(row.kept, [...(tables.get(row.kept) ?? []), row])
  const confirmed = await Promise.all(
    [...tables].map(([kept, written]) => confirmTable(transaction, kept, written)),
  )
  return confirmed.every(Boolean)
}

const confirmTable = async (
  transaction: Transaction,
  { store }: KeptAggregate,
  written: readonly WorkingRow[],
): Promise<boolean> => {
  const ids = written.map(({ id }) => id)
  const fresh = await store.lock(transaction, ids, 'FOR UPDATE SKIP LOCKED')
  const byId = new Map(fresh.map((row) => [row.id, row]))
  const confirmed = written.map((row) => {
    const now = byId.get(row.id)
    row.busy = now === undefined
    if (!now) return false
    row.mode = 'pessimistic'
    // The whole row, not only its version: what stays inside changes it without a new version.
    if (JSON.stringify(now.row) === JSON.stringify(row.found?.row)) return true
    row.found = now
    return false
  })
  return confirmed.every(Boolean)
}
