import { appendOutbox, type OutboxEntry } from '../shared/delivery/outbox.ts'
import { contended } from '../shared/delivery/failures.ts'
import type { Transaction } from '../shared/postgres/database.ts'
import type { ClaimLedger } from './claims.ts'
import type { Outcome } from './decide.ts'
import { appendEvents, toEnvelope } from './event-log.ts'
import type { KeptAggregate } from './kept-aggregate.ts'
import { finished, type OwnedReceipt, problemOf, receiptOf, saveReceipts } from './receipts.ts'
import type { WorkingRow, WorkingRows } from './working-rows.ts'

export interface Result {
  readonly rows: WorkingRows
  readonly claims: ClaimLedger
  readonly outcomes: readonly Outcome[]
  readonly now: Date
}

/**
 * Writes everything that was decided, one statement each, sent without waiting for one another. The
 * rows go first: new ones are held from then on, and only what holds its row may draw outbox ids.
 */
export const write = async (
  transaction: Transaction,
  { rows, claims, outcomes, now }: Result,
): Promise<readonly OwnedReceipt[]> => {
  const events = outcomes.flatMap(({ run, events: happened }) =>
    happened.map((event) => ({ event, command: run.envelope })),
  )
  const receipts = outcomes.map((outcome) => receiptFor(outcome, now))
  const outbox: OutboxEntry[] = [
    ...events.map((caused) => ({ topic: caused.event.topic, envelope: toEnvelope(caused, now) })),
    ...outcomes.flatMap(({ run }, index) =>
      finished(run.envelope, receipts[index] as OwnedReceipt, now),
    ),
  ]
  await allOf([
    ...changedTables(rows).map(([kept, changed]) => saveRows(transaction, kept, changed)),
    claims.settle(transaction),
    appendEvents(transaction, events, now),
    saveReceipts(transaction, receipts),
    appendOutbox(transaction, outbox),
  ])
  return receipts
}

/** Of several failures the first in the list is thrown: what follows from it may be known earlier. */
const allOf = async (writes: readonly Promise<void>[]): Promise<void> => {
  const ended = await Promise.allSettled(writes)
  const failed = ended.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
}

const receiptFor = ({ run, rejection, events, version }: Outcome, now: Date): OwnedReceipt =>
  receiptOf(run.envelope, {
    status: rejection ? 'rejected' : 'completed',
    version,
    finished_at: now.toISOString(),
    attempts: run.attempts,
    events: events.map(({ id, type }) => ({ id, type })),
    problem: rejection ? problemOf(rejection.slug, rejection.detail) : null,
  })

const changedTables = (rows: WorkingRows): readonly [KeptAggregate, readonly WorkingRow[]][] => {
  const tables = new Map<KeptAggregate, WorkingRow[]>()
  for (const row of rows) {
    if (row.current === row.found?.row) continue
    const changed = tables.get(row.kept)
    if (changed) changed.push(row)
    else tables.set(row.kept, [row])
  }
  return [...tables].sort(([a], [b]) => a.rank - b.rank)
}

/**
 * A row that was absent can have been inserted meanwhile, even under a lock on its id: there was
 * nothing to lock. Its insertion then finds it, and everything is decided again.
 */
const saveRows = async (
  transaction: Transaction,
  { store, name }: KeptAggregate,
  changed: readonly WorkingRow[],
) => {
  const given = changed.flatMap(({ current, found }) => (current ? [{ row: current, found }] : []))
  const saved = await store.save(transaction, given)
  if (saved.length === given.length) return
  const kept = new Set(saved)
  const lost = given.find(({ row }) => !kept.has(row.id))?.row.id
  throw contended(`row ${lost} of ${name} was changed by somebody else while it was decided on`)
}
