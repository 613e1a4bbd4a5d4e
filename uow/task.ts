import { contractReader, upcastData, type Versioned } from '../shared/contracts/upcasting.ts'
import type { CommandContract } from '../shared/contracts/contract.ts'
import { Misuse, Poison } from '../shared/kernel/fates.ts'
import type { Envelope } from '../shared/messaging/envelope.ts'
import { blaming } from './blaming.ts'
import type {
  Claim,
  CommandHandler,
  Lock,
  LockMode,
  RegisteredHandler,
  Rows,
  WriteModel,
} from './handler.ts'
import type { AggregateCatalog, KeptAggregate } from './kept-aggregate.ts'

/** One command that is to take effect. A consumer's delivery is one. */
export interface CommandRun {
  readonly envelope: Envelope
  /** Commands of one key take effect in the order in which they are given. */
  readonly key: string
  /** Which run this is: 1 unless an earlier one failed. */
  readonly attempts: number
}

/** A row that a handler has declared. */
export interface NeededRow {
  readonly kept: KeptAggregate
  readonly id: string
  readonly mode: LockMode
}

/** One command on its way through the unit of work. */
export interface Task<Run extends CommandRun = CommandRun> {
  readonly run: Run
  readonly handler: CommandHandler
  readonly command: never
  /** Locks of the first stage; the first of them is the command's target. */
  readonly first: readonly NeededRow[]
  /** Highest rank among them. */
  readonly topRank: number
  readonly claims: readonly Claim[]
}

/**
 * What each command asks for. One of an earlier version is upcast before its mapper sees it. Throws
 * `Poison` slug `unknown-type` for a type that nobody handles, `unknown-version` for a version that is
 * newer, and whatever a mapper throws, blaming the message.
 */
export const tasksOf = <Run extends CommandRun>(
  model: WriteModel,
  catalog: AggregateCatalog,
  runs: readonly Run[],
): readonly Task<Run>[] =>
  runs.map((run) => blaming(run.envelope.id, () => taskOf(model, catalog, run)))

const taskOf = <Run extends CommandRun>(
  model: WriteModel,
  catalog: AggregateCatalog,
  run: Run,
): Task<Run> => {
  const { type, data } = run.envelope
  const { registered, earlier } = registeredFor(model, type)
  const { handler, mapper } = registered
  const command = mapper(earlier ? upcastData(earlier, data) : data) as never
  const first = neededRows(catalog, handler.locks(command))
  const topRank = first.reduce((top, { kept }) => Math.max(top, kept.rank), -Infinity)
  return { run, handler, command, first, topRank, claims: handler.claims?.(command) ?? [] }
}

interface Found {
  readonly registered: RegisteredHandler
  /** Set where the command is of a version of before. */
  readonly earlier?: Versioned<CommandContract>
}

const registeredFor = ({ handlers }: WriteModel, type: string): Found => {
  const current = Object.hasOwn(handlers, type) ? handlers[type] : undefined
  if (current) return { registered: current }
  const contracts = Object.values(handlers).map(({ handler }) => handler.contract)
  const earlier = contractReader(contracts).find(type)
  const registered = earlier && handlers[earlier.contract.type]
  if (registered) return { registered, earlier }
  throw new Poison('unknown-type', `no handler is registered for type ${type}`)
}

/**
 * The second stage of a task, as the rows are now. Throws `Misuse` slug `lock-out-of-order` unless
 * every rank is higher than all of the first stage's.
 */
export const secondStage = (
  catalog: AggregateCatalog,
  task: Task,
  rows: Rows,
): readonly NeededRow[] => {
  const { handler, command, topRank } = task
  if (!handler.alsoLocks) return []
  const second = neededRows(catalog, handler.alsoLocks(command, rows))
  const early = second.find(({ kept }) => kept.rank <= topRank)
  if (early)
    throw new Misuse(
      'lock-out-of-order',
      `${handler.contract.type} locks ${early.kept.name} (rank ${early.kept.rank}) in its second` +
        ` stage, after rank ${topRank}: two such commands can wait for each other for ever`,
    )
  return second
}

const neededRows = (catalog: AggregateCatalog, locks: readonly Lock[]): readonly NeededRow[] =>
  locks.map(({ aggregate, id, mode }) => {
    const kept = catalog.of(aggregate)
    return { kept, id: kept.canonical(id), mode }
  })
