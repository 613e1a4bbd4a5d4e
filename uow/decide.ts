import { Misuse } from '../shared/kernel/fates.ts'
import type { Envelope } from '../shared/messaging/envelope.ts'
import type { AggregateRow } from './aggregate.ts'
import { blaming } from './blaming.ts'
import type { ClaimLedger } from './claims.ts'
import { dispatch, type RecordedEvent } from './dispatch.ts'
import type { DecisionContext, Rejection, WriteModel } from './handler.ts'
import { rejected } from './handler.ts'
import type { AggregateCatalog } from './kept-aggregate.ts'
import { type CommandRun, type NeededRow, secondStage, type Task } from './task.ts'
import { declaredRows, isBusy, suffices, type WorkingRows } from './working-rows.ts'

export interface Deciding {
  readonly model: WriteModel
  readonly catalog: AggregateCatalog
  readonly rows: WorkingRows
  readonly claims: ClaimLedger
  readonly now: Date
}

/** What one command has led to. */
export interface Outcome<Run extends CommandRun = CommandRun> {
  readonly run: Run
  readonly rejection: Rejection['rejected'] | undefined
  readonly events: readonly RecordedEvent[]
  /** Of the target, afterwards. */
  readonly version: number | null
}

export interface Decided<Run extends CommandRun = CommandRun> {
  readonly outcomes: readonly Outcome<Run>[]
  /** Nothing was decided: somebody else holds a row that they, or an earlier one of their key, need. */
  readonly deferred: readonly Run[]
  /** For another round: an earlier command of the batch has made them need further rows. */
  readonly again: readonly Task<Run>[]
}

/** Decides in memory, in order: each command sees what the ones before it have done. */
export const decideAll = <Run extends CommandRun>(
  deciding: Deciding,
  tasks: readonly Task<Run>[],
): Decided<Run> => {
  const outcomes: Outcome<Run>[] = []
  const deferred: Run[] = []
  const again: Task<Run>[] = []
  const waiting = new Map<string, 'busy' | 'again'>()
  for (const task of tasks) {
    const { run } = task
    const outcome =
      waiting.get(run.key) ?? blaming(run.envelope.id, () => decideOne(deciding, task))
    if (outcome === 'busy') deferred.push(run)
    else if (outcome === 'again') again.push(task)
    else outcomes.push(outcome)
    if (typeof outcome === 'string') waiting.set(run.key, outcome)
  }
  return { outcomes, deferred, again }
}

const decideOne = <Run extends CommandRun>(
  deciding: Deciding,
  task: Task<Run>,
): Outcome<Run> | 'busy' | 'again' => {
  const { catalog, rows, claims, now } = deciding
  if (isBusy(rows, task.first)) return 'busy'
  const second = secondStage(catalog, task, declaredRows(catalog, rows, task.first))
  if (isBusy(rows, second)) return 'busy'
  if (!second.every((row) => isHeld(rows, row))) return 'again'
  const needed = [...task.first, ...second]
  const seen = declaredRows(catalog, rows, needed)
  const answer = task.handler.decide(task.command, seen, contextOf(task, claims, now))
  // Whoever must not know that a thing is there must not learn its version either.
  const denied = 'rejected' in answer && answer.rejected.slug === 'not-found'
  const decision = (denied ? undefined : versionMismatch(task, targetOf(rows, task))) ?? answer
  if ('rejected' in decision)
    return {
      run: task.run,
      rejection: decision.rejected,
      events: [],
      version: denied ? null : versionOf(rows, task),
    }
  const cause = { commandId: task.run.envelope.id, needed, seen }
  const events = dispatch(deciding, cause, decision)
  claims.take(task.claims)
  return { run: task.run, rejection: undefined, events, version: versionOf(rows, task) }
}

const isHeld = (rows: WorkingRows, { kept, id, mode }: NeededRow) => {
  const row = rows.find(kept, id)
  return row !== undefined && suffices(row.mode, mode)
}

const targetOf = (rows: WorkingRows, { first: [target] }: Task): AggregateRow | undefined =>
  target && rows.find(target.kept, target.id)?.current

const versionOf = (rows: WorkingRows, task: Task) => targetOf(rows, task)?.version ?? null

/** If-Match. Without a target there is nothing to compare: the handler says what is missing. */
const versionMismatch = ({ run }: Task, target: AggregateRow | undefined) => {
  const { expectedVersion } = run.envelope
  if (expectedVersion === undefined || !target || target.version === expectedVersion)
    return undefined
  return rejected(
    'version-mismatch',
    `it is at version ${target.version} by now, not at ${expectedVersion}: read it again, then decide`,
  )
}

const contextOf = (task: Task, claims: ClaimLedger, now: Date): DecisionContext => ({
  now,
  ...senderOf(task.run.envelope),
  granted(registry) {
    const asked = task.claims.filter((claim) => claim.registry === registry)
    if (asked.length > 0) return asked.every((claim) => claims.grants(claim))
    throw new Misuse(
      'not-claimed',
      `${task.handler.contract.type} asks for ${registry} without having claimed a key of it`,
    )
  },
})

const senderOf = ({ owner, agent }: Envelope): Pick<DecisionContext, 'sender'> =>
  owner === undefined ? {} : { sender: { id: owner, agent: agent === true } }
