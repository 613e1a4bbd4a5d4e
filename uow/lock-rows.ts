import type { Transaction } from '../shared/postgres/database.ts'
import { blaming } from './blaming.ts'
import type { LockMode } from './handler.ts'
import type { AggregateCatalog, KeptAggregate } from './kept-aggregate.ts'
import type { Found } from './state-store.ts'
import { type NeededRow, secondStage, type Task } from './task.ts'
import { declaredRows, isBusy, suffices, type WorkingRows, workingRows } from './working-rows.ts'

interface Locking {
  readonly transaction: Transaction
  readonly catalog: AggregateCatalog
  /** Wait for rows that somebody else holds, or leave them out as busy. */
  readonly wait: boolean
}

type Wanted = Map<KeptAggregate, Map<string, LockMode>>

/**
 * Loads the rows of all tasks, table by table in ascending rank, ids sorted: whoever waits here holds
 * only rows that come before the one it waits for, so no ring can close. The second stage of a task
 * joins as soon as its first stage is complete; its ranks are all still to come.
 */
export const lockRows = async (locking: Locking, tasks: readonly Task[]): Promise<WorkingRows> => {
  const rows = workingRows()
  const wanted: Wanted = new Map()
  for (const task of tasks) want(wanted, task.first)
  let staged: readonly Task[] = tasks.filter(({ handler }) => handler.alsoLocks)
  let reached = -Infinity
  for (;;) {
    const complete = staged.filter(({ topRank }) => topRank <= reached)
    staged = staged.filter(({ topRank }) => topRank > reached)
    for (const task of complete) want(wanted, alsoNeeded(locking.catalog, rows, task))
    const next = lowestAbove(wanted, reached)
    if (!next) return rows
    await lockTable(locking, rows, next, wanted.get(next) ?? new Map())
    reached = next.rank
  }
}

const alsoNeeded = (catalog: AggregateCatalog, rows: WorkingRows, task: Task) =>
  isBusy(rows, task.first)
    ? []
    : blaming(task.run.envelope.id, () =>
        secondStage(catalog, task, declaredRows(catalog, rows, task.first)),
      )

const want = (wanted: Wanted, needed: readonly NeededRow[]) => {
  for (const { kept, id, mode } of needed) {
    const modes = wanted.get(kept) ?? new Map<string, LockMode>()
    if (modes.size === 0) wanted.set(kept, modes)
    const before = modes.get(id)
    modes.set(id, before === undefined || suffices(before, mode) ? (before ?? mode) : 'pessimistic')
  }
}

const lowestAbove = (wanted: Wanted, reached: number) => {
  let lowest: KeptAggregate | undefined
  for (const kept of wanted.keys())
    if (kept.rank > reached && (!lowest || kept.rank < lowest.rank)) lowest = kept
  return lowest
}

const lockTable = async (
  { transaction, wait }: Locking,
  rows: WorkingRows,
  kept: KeptAggregate,
  modes: ReadonlyMap<string, LockMode>,
) => {
  // Whoever waits comes because somebody was quicker before: optimism has had its try.
  const isOptimistic = (mode: LockMode | undefined) => mode === 'optimistic' && !wait
  const ids = [...modes.keys()]
  const toRead = ids.filter((id) => isOptimistic(modes.get(id)))
  const toLock = ids.filter((id) => !isOptimistic(modes.get(id)))
  // One mode for a whole table: two statements, one a mode, would each be sorted but not together.
  const mode = toLock.every((id) => modes.get(id) === 'share') ? 'share' : 'pessimistic'
  const strength = mode === 'share' ? 'FOR SHARE' : 'FOR UPDATE'
  const lock = wait ? strength : (`${strength} SKIP LOCKED` as const)
  const [read, locked] = await Promise.all([
    toRead.length > 0 ? kept.store.read(transaction, toRead) : [],
    toLock.length > 0 ? kept.store.lock(transaction, toLock, lock) : [],
  ])
  const busy = wait ? new Set<string>() : await heldElsewhere(transaction, kept, toLock, locked)
  add(rows, kept, toRead, read, 'optimistic', new Set())
  add(rows, kept, toLock, locked, mode, busy)
}

/**
 * SKIP LOCKED leaves out a row that is absent as silently as one that is held. What a plain read
 * still finds is there, and so held (or was just inserted, which is as good a reason to come again).
 */
const heldElsewhere = async (
  transaction: Transaction,
  { store }: KeptAggregate,
  asked: readonly string[],
  got: readonly Found[],
): Promise<ReadonlySet<string>> => {
  if (got.length === asked.length) return new Set()
  const gotten = new Set(got.map(({ id }) => id))
  const missing = asked.filter((id) => !gotten.has(id))
  const found = await store.read(transaction, missing)
  return new Set(found.map(({ id }) => id))
}

const add = (
  rows: WorkingRows,
  kept: KeptAggregate,
  ids: readonly string[],
  states: readonly Found[],
  mode: LockMode,
  busy: ReadonlySet<string>,
) => {
  const byId = new Map(states.map((state) => [state.id, state]))
  for (const id of ids) {
    const found = byId.get(id)
    rows.add({ kept, id, mode, found, current: found?.row, busy: busy.has(id) })
  }
}
