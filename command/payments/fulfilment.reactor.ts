import { holdEvents } from '../../shared/contracts/inventory.ts'
import { orderEnds, orderEvents, type PaymentMethod } from '../../shared/contracts/orders.ts'
import {
  ChargePayment,
  paymentEvents,
  RecordPaymentOutcome,
  RefundPayment,
} from '../../shared/contracts/payments.ts'
import { shippingEvents } from '../../shared/contracts/shipping.ts'
import { type Ask, ask, reactor } from '../../uow/reactor.ts'
import type { SagaEvent } from '../../uow/saga.ts'
import { reasons } from '../fulfilment-reasons.ts'

const { OrderCreated, OrderPaymentRequested, OrderCancelled } = orderEvents
const { StockReserved, StockReleased } = holdEvents
const { PaymentProcessed, PaymentFailed, PaymentVoided, PaymentRefunded } = paymentEvents
const { ShipmentFailed } = shippingEvents

const heard = {
  OrderCreated,
  OrderPaymentRequested,
  OrderCancelled,
  StockReserved,
  StockReleased,
  PaymentProcessed,
  PaymentFailed,
  PaymentVoided,
  PaymentRefunded,
  ShipmentFailed,
} as const

/** What payments has learned of an order. */
interface Known {
  readonly order_id: string
  readonly price: { readonly amount: number; readonly currency: string } | null
  readonly payment_method: PaymentMethod | null
  readonly isHeld: boolean
  readonly isAnswered: boolean
  readonly isLate: boolean
  /** Nothing was taken, or it was given back. */
  readonly isSettled: boolean
  /** Why nothing is to be charged any more, and what was is to be given back; null while it may be. */
  readonly off: string | null
}

const nothing: Known = {
  order_id: '',
  price: null,
  payment_method: null,
  isHeld: false,
  isAnswered: false,
  isLate: false,
  isSettled: false,
  off: null,
}

const learn = (before: Known, event: SagaEvent<typeof heard>): Known => {
  if (event.type === 'TimerFired') return { ...before, isLate: true }
  const known = { ...before, order_id: event.data.order_id }
  const off = (reason: string): Known => ({ ...known, off: known.off ?? reason })
  switch (event.type) {
    case 'OrderCreated': {
      const { total: amount, currency, payment_method } = event.data
      return {
        ...known,
        price: { amount, currency },
        payment_method: known.payment_method ?? payment_method,
      }
    }
    case 'OrderPaymentRequested':
      return { ...known, payment_method: event.data.payment_method }
    case 'StockReserved':
      return { ...known, isHeld: true }
    case 'PaymentProcessed':
      return { ...known, isAnswered: true }
    case 'PaymentFailed': {
      // A provider that has not answered may have charged.
      const isSettled = known.isSettled || event.data.reason !== 'timeout'
      return { ...off(reasons.paymentFailed(event.data)), isAnswered: true, isSettled }
    }
    case 'PaymentVoided':
    case 'PaymentRefunded':
      return { ...known, isAnswered: true, isSettled: true }
    case 'StockReleased':
      return off(reasons.stockReleased(event.data))
    case 'ShipmentFailed':
      return off(reasons.shipmentFailed(event.data))
    case 'OrderCancelled':
      return off(reasons.cancelled(event.data))
    default:
      return event satisfies never
  }
}

const asks = (known: Known, asked: readonly string[]): readonly Ask[] => {
  const { order_id, price, payment_method, isHeld, isSettled, off } = known
  // One charge an order: whoever asks again, in whatever style, asks for the same one.
  const payment = { order_id, payment_key: order_id }
  if (off !== null)
    return asked.includes('charge') && !isSettled
      ? [ask('refund', RefundPayment, { ...payment, reason: off })]
      : []
  if (!price || payment_method === null || !isHeld) return []
  return [
    ask('charge', ChargePayment, { ...payment, ...price, payment_method }),
    // Only the payment itself can tell whether the answer has come first.
    ...(known.isLate && !known.isAnswered
      ? [ask('deadline', RecordPaymentOutcome, { ...payment, answer: 'timeout', reference: null })]
      : []),
  ]
}

/** Charges an order whose stock is held, as soon as somebody has said how; gives back what nobody gets. */
export const paymentsReactor = (deadlineMs = 60_000) =>
  reactor({
    name: 'reactor.payments',
    contracts: heard,
    endedBy: orderEnds,
    nothing,
    learn,
    asks,
    waits: ({ isAnswered, isLate, off }, asked) =>
      asked.includes('charge') && !isAnswered && !isLate && off === null
        ? { name: 'deadline', afterMs: deadlineMs }
        : undefined,
  })
