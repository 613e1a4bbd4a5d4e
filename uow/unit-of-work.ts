import { blame, contended } from '../shared/delivery/failures.ts'
import { Misuse } from '../shared/kernel/fates.ts'
import type { Transaction } from '../shared/postgres/database.ts'
import type { AnyAggregate } from './aggregate.ts'
import { claimKeys } from './claims.ts'
import { confirmOptimistic } from './confirm-optimistic.ts'
import { decideAll } from './decide.ts'
import type { WriteModel } from './handler.ts'
import { type AggregateCatalog, aggregateCatalog } from './kept-aggregate.ts'
import { lockRows } from './lock-rows.ts'
import type { OwnedReceipt } from './receipts.ts'
import { type CommandRun, type Task, tasksOf } from './task.ts'
import { isBusy } from './working-rows.ts'
import { write } from './write.ts'

export interface ExecuteOptions {
  /** Wait for rows that somebody else holds, up to the lock timeout; otherwise their commands are deferred. */
  readonly wait: boolean
  readonly now: Date
  /** Undo only this when it throws, so that the caller's transaction can go on. Two statements more. */
  readonly savepoint?: boolean
}

export interface Executed<Run extends CommandRun> {
  /** The receipts of what was done, also of what was rejected. */
  readonly results: readonly OwnedReceipt[]
  /**
   * Left untouched, since somebody else holds a row they need, with every later command of the same
   * keys. Always empty when `wait`.
   */
  readonly deferred: readonly Run[]
}

export interface UnitOfWork {
  /**
   * Carries out commands in order, in the given transaction (READ COMMITTED), with a number of
   * statements that does not depend on the number of commands: locks their rows, decides, and writes
   * rows, events, receipts and outbox. A rejected command is a result like any other.
   *
   * Throws what a handler or mapper throws, naming the message at fault (`blamed`); `Misuse` where a
   * handler breaks a rule of the house; `contended` or the database's own error on contention, and
   * then everything may be tried again. The transaction must be rolled back after any of them,
   * unless `savepoint`.
   */
  execute<Run extends CommandRun>(
    transaction: Transaction,
    runs: readonly Run[],
    options: ExecuteOptions,
  ): Promise<Executed<Run>>
}

interface Executing extends ExecuteOptions {
  readonly model: WriteModel
  readonly catalog: AggregateCatalog
  readonly transaction: Transaction
}

/** Throws `Misuse` slug `double-rank` when two of `aggregates` share a rank; others are checked when met. */
export const unitOfWork = (
  model: WriteModel,
  aggregates: readonly AnyAggregate[] = [],
): UnitOfWork => {
  const catalog = aggregateCatalog(aggregates)
  return {
    async execute(transaction, runs, options) {
      const tasks = tasksOf(model, catalog, runs)
      const executeOn = (on: Transaction) =>
        executeRounds({ ...options, model, catalog, transaction: on }, tasks)
      return options.savepoint ? transaction.savepoint(executeOn) : executeOn(transaction)
    },
  }
}

/**
 * Nearly always one round. A further one takes what an earlier command of the batch has made to need
 * other rows; it holds locks already, so it must not wait for any.
 */
const executeRounds = async <Run extends CommandRun>(
  executing: Executing,
  tasks: readonly Task<Run>[],
): Promise<Executed<Run>> => {
  const results: OwnedReceipt[] = []
  const deferred: Run[] = []
  let pending = tasks
  let wait = executing.wait
  while (pending.length > 0) {
    const { receipts, decided } = await executeRound({ ...executing, wait }, pending)
    results.push(...receipts)
    deferred.push(...decided.deferred)
    forbidStandstill(pending, decided.again)
    pending = decided.again
    wait = false
  }
  if (executing.wait && deferred.length > 0)
    throw contended('a row that turned out to be needed is held by somebody else')
  return { results, deferred }
}

/** The first of the waiting commands has seen fresh rows: it must have been carried out, or deferred. */
const forbidStandstill = (before: readonly Task[], after: readonly Task[]) => {
  const [stuck] = after
  if (!stuck || after.length < before.length) return
  throw blame(
    new Misuse(
      'unsteady-locks',
      `alsoLocks of ${stuck.handler.contract.type} asks for other rows each time it is called`,
    ),
    stuck.run.envelope.id,
  )
}

const executeRound = async <Run extends CommandRun>(
  executing: Executing,
  tasks: readonly Task<Run>[],
) => {
  const { transaction, now } = executing
  const rows = await lockRows(executing, tasks)
  const claims = await claimKeys(
    transaction,
    tasks.flatMap((task) => (isBusy(rows, task.first) ? [] : task.claims)),
  )
  const deciding = { ...executing, rows, claims }
  let decided = decideAll(deciding, tasks)
  while (!(await confirmOptimistic(transaction, rows))) {
    rows.reset()
    claims.reset()
    decided = decideAll(deciding, tasks)
  }
  const receipts = await write(transaction, { rows, claims, outcomes: decided.outcomes, now })
  return { receipts, decided }
}
