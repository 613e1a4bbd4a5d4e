import type { SagaCommand } from '../../uow/saga.ts'
import { askFor } from './asks.ts'
import type {
  Fulfilment,
  FulfilmentEvent,
  FulfilmentReaction,
  FulfilmentStep,
  UndoStep,
} from './fulfilment.ts'

const seconds = 1000
const minutes = 60 * seconds

/** How long a step is waited for before it is given up, or asked for again. In ms. */
export interface FulfilmentPatience {
  /** For the answer to each step that can still be undone. */
  readonly stepMs: number
  /** For a customer who has not said how to pay: as long as the stock is held. */
  readonly paymentMs: number
  /** For the answer to what has to happen; doubles with each time that it is asked for again. */
  readonly againMs: number
  readonly againAtMostMs: number
}

export const defaultPatience: FulfilmentPatience = {
  stepMs: 60 * seconds,
  paymentMs: 15 * minutes,
  againMs: 10 * seconds,
  againAtMostMs: 5 * minutes,
}

/** What undoes what. */
const undoing = [
  ['ship', 'cancel-shipment'],
  ['commit-stock', 'release-stock'],
  ['charge', 'refund'],
  ['hold-stock', 'release-stock'],
] as const satisfies readonly (readonly [FulfilmentStep, UndoStep])[]

/** What is still to be undone, in reverse order of what was asked for, whether or not it was answered. */
export const toUndo = ({ attempts, undone }: Fulfilment): readonly UndoStep[] => {
  const asked = undoing.flatMap(([step, undo]) => (attempts[step] ? [undo] : []))
  return [...new Set<UndoStep>([...asked, 'cancel-order'])].filter((undo) => !undone.includes(undo))
}

const undoSteps: readonly FulfilmentStep[] = [
  'cancel-shipment',
  'release-stock',
  'refund',
  'cancel-order',
] satisfies readonly UndoStep[]

export const isUndo = (step: FulfilmentStep): boolean => undoSteps.includes(step)
export const isEnd = (step: FulfilmentStep): boolean => step === 'shipped' || step === 'cancelled'

/** Asks for a step, again if it was asked for before, and waits for its answer. */
export const moveTo = (
  before: Fulfilment,
  step: FulfilmentStep,
  patience: FulfilmentPatience,
  told: readonly SagaCommand[] = [],
): FulfilmentReaction => {
  const attempt = (before.attempts[step] ?? 0) + 1
  const state = { ...before, step, attempts: { ...before.attempts, [step]: attempt } }
  const asked = askFor(state, step)
  const timer = { name: timerName(state), afterMs: waitingMs(step, attempt, patience) }
  return {
    state,
    commands: asked ? [...told, { ...asked, step, attempt }] : told,
    timers: isEnd(step) ? [] : [timer],
    cancelled: before.attempts[before.step] ? [timerName(before)] : [],
  }
}

// Each attempt has a timer of its own, so that one that fires late is known for what it is.
const timerName = ({ step, attempts }: Fulfilment) => `${step} ${attempts[step]}`

const waitingMs = (
  step: FulfilmentStep,
  attempt: number,
  { stepMs, paymentMs, againMs, againAtMostMs }: FulfilmentPatience,
): number => {
  if (step === 'await-payment') return paymentMs
  if (step !== 'confirm' && !isUndo(step)) return stepMs
  return Math.min(againMs * 2 ** (attempt - 1), againAtMostMs)
}

/** Whether the time is up for what is waited for now. */
export const isDue = (state: Fulfilment, event: FulfilmentEvent): boolean =>
  event.type === 'TimerFired' && event.data.name === timerName(state)
