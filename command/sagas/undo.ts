import type { Fulfilment, FulfilmentEvent, FulfilmentReaction, UndoStep } from './fulfilment.ts'
import { type FulfilmentPatience, isDue, moveTo, toUndo } from './steps.ts'

/** Remembers what an event leaves nothing of, whenever it comes: that needs no undoing. */
export const settle = (state: Fulfilment, event: FulfilmentEvent): Fulfilment => {
  const step = settledBy(event)
  if (step === undefined || state.undone.includes(step)) return state
  return { ...state, undone: [...state.undone, step] }
}

const settledBy = (event: FulfilmentEvent): UndoStep | undefined => {
  switch (event.type) {
    case 'StockRejected':
    case 'StockReleased':
      return 'release-stock'
    case 'PaymentFailed':
      // A provider that has not answered may have charged.
      return event.data.reason === 'timeout' ? undefined : 'refund'
    case 'PaymentVoided':
    case 'PaymentRefunded':
      return 'refund'
    case 'ShipmentFailed':
    case 'ShipmentCancelled':
      return 'cancel-shipment'
    case 'OrderCancelled':
      return 'cancel-order'
    default:
      return undefined
  }
}

/** Gives the order up: begins with what was asked for last. */
export const giveUp = (
  state: Fulfilment,
  reason: string,
  patience: FulfilmentPatience,
): FulfilmentReaction => undoNext({ ...state, reason }, patience)

/** Goes on to what is still to be undone, or asks again for what is not. */
export const undo = (
  state: Fulfilment,
  event: FulfilmentEvent,
  patience: FulfilmentPatience,
): FulfilmentReaction | undefined => {
  if (toUndo(state)[0] !== state.step) return undoNext(state, patience)
  return isDue(state, event) ? moveTo(state, state.step, patience) : undefined
}

const undoNext = (state: Fulfilment, patience: FulfilmentPatience) =>
  moveTo(state, toUndo(state)[0] ?? 'cancelled', patience)
