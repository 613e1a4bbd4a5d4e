import type { DataOf } from '../../shared/contracts/contract.ts'
import { orderCommands } from '../../shared/contracts/orders.ts'
import type { SagaCommand } from '../../uow/saga.ts'
import { reasons } from '../fulfilment-reasons.ts'
import { paymentKeyOf } from './asks.ts'
import type {
  Fulfilment,
  FulfilmentEvent,
  FulfilmentReaction,
  ForwardStep,
  heardContracts,
} from './fulfilment.ts'
import { type FulfilmentPatience, isDue, moveTo } from './steps.ts'
import { giveUp } from './undo.ts'

/** An order was made: from here on its fulfilment is what happens to it. */
export const begin = (
  { order_id, items, total, currency, ...wanted }: DataOf<typeof heardContracts.OrderCreated>,
  patience: FulfilmentPatience,
): FulfilmentReaction => {
  const { shipping_address, locale, payment_method } = wanted
  const order = { order_id, items, total, currency, shipping_address, locale }
  const nothingYet = { attempts: {}, shipment: null, undone: [], reason: null }
  const state: Fulfilment = { order, step: 'hold-stock', payment_method, ...nothingYet }
  return moveTo(state, 'hold-stock', patience)
}

/** What an event means for an order that is on its way; undefined when nothing. */
export const advance = (
  state: Fulfilment,
  event: FulfilmentEvent,
  patience: FulfilmentPatience,
): FulfilmentReaction | undefined => {
  const next = succeeded(state, event)
  if (next) return moveTo(next.state, next.step, patience, next.told)
  const reason = failed(state, event)
  if (reason !== undefined) return giveUp(state, reason, patience)
  // There is no way back from here: the order may have heard it, and only the answer was late.
  return state.step === 'confirm' && isDue(state, event)
    ? moveTo(state, 'confirm', patience)
    : undefined
}

interface Next {
  readonly state: Fulfilment
  readonly step: ForwardStep | 'shipped'
  /** What the order is told besides. */
  readonly told?: readonly SagaCommand[]
}

/** Where the answer that is waited for leads to. Others are late, or were heard before. */
const succeeded = (state: Fulfilment, event: FulfilmentEvent): Next | undefined => {
  const { step, order } = state
  if (step === 'hold-stock' && event.type === 'StockReserved')
    return {
      state,
      step: state.payment_method === null ? 'await-payment' : 'charge',
      told: [reserved(state)],
    }
  if (step === 'await-payment' && event.type === 'OrderPaymentRequested')
    return { state: { ...state, payment_method: event.data.payment_method }, step: 'charge' }
  // A late payment is one that nobody counts on any more.
  if (step === 'charge' && event.type === 'PaymentProcessed' && !event.data.late)
    return { state, step: 'commit-stock', told: [paid(state)] }
  if (step === 'commit-stock' && event.type === 'StockCommitted')
    return { state, step: order.shipping_address === null ? 'confirm' : 'ship' }
  if (step === 'ship' && event.type === 'ShipmentPrepared') {
    const { shipment_id, carrier } = event.data
    return { state: { ...state, shipment: { shipment_id, carrier } }, step: 'confirm' }
  }
  if (step === 'confirm' && event.type === 'OrderShipped') return { state, step: 'shipped' }
  return undefined
}

const reserved = ({ order: { order_id } }: Fulfilment): SagaCommand => ({
  contract: orderCommands.MarkOrderReserved,
  data: { order_id },
  step: 'mark-reserved',
  attempt: 1,
})

const paid = (state: Fulfilment): SagaCommand => ({
  contract: orderCommands.MarkOrderPaid,
  data: {
    order_id: state.order.order_id,
    payment_id: paymentKeyOf(state),
    payment_method: state.payment_method,
  } satisfies Record<keyof DataOf<typeof orderCommands.MarkOrderPaid>, string | null>,
  step: 'mark-paid',
  attempt: 1,
})

/** Why the order cannot be carried on; undefined when it can. */
const failed = (state: Fulfilment, event: FulfilmentEvent): string | undefined => {
  if (event.type === 'OrderCancelled') return reasons.cancelled(event.data)
  // From here on the order alone can say that it is off.
  if (state.step === 'confirm') return undefined
  switch (event.type) {
    case 'StockRejected':
      return reasons.outOfStock(event.data)
    case 'StockReleased':
      return reasons.stockReleased(event.data)
    case 'PaymentFailed':
      return reasons.paymentFailed(event.data)
    case 'PaymentVoided':
    case 'PaymentRefunded':
      return reasons.paymentGivenBack(event.data)
    case 'PaymentProcessed':
      return event.data.late && state.step === 'charge' ? reasons.paymentLate : undefined
    case 'ShipmentFailed':
      return reasons.shipmentFailed(event.data)
    case 'ShipmentCancelled':
      return reasons.shipmentCancelled(event.data)
    default:
      return isDue(state, event) ? timedOut(state) : undefined
  }
}

const timedOut = ({ step }: Fulfilment): string => {
  if (step === 'await-payment') return reasons.notPaid
  return step === 'charge' ? reasons.paymentLate : `no answer in time: ${step}`
}
