import {
  CommitStock,
  holdEvents,
  HoldStock,
  ReleaseStock,
  type StockItem,
} from '../../shared/contracts/inventory.ts'
import { orderEnds, orderEvents } from '../../shared/contracts/orders.ts'
import { paymentEvents } from '../../shared/contracts/payments.ts'
import { shippingEvents } from '../../shared/contracts/shipping.ts'
import { type Ask, ask, reactor } from '../../uow/reactor.ts'
import type { SagaEvent } from '../../uow/saga.ts'
import { reasons } from '../fulfilment-reasons.ts'

const { OrderCreated, OrderPaymentRequested, OrderCancelled } = orderEvents
const { StockReserved, StockRejected, StockReleased, StockCommitted } = holdEvents
const { PaymentProcessed, PaymentFailed, PaymentVoided } = paymentEvents
const { ShipmentFailed } = shippingEvents

const heard = {
  OrderCreated,
  OrderPaymentRequested,
  OrderCancelled,
  StockReserved,
  StockRejected,
  StockReleased,
  StockCommitted,
  PaymentProcessed,
  PaymentFailed,
  PaymentVoided,
  ShipmentFailed,
} as const

/** What inventory has learned of an order. */
interface Known {
  readonly order_id: string
  readonly items: readonly StockItem[] | null
  readonly isHeld: boolean
  readonly isPaymentAsked: boolean
  readonly isPaid: boolean
  /** Nothing of it is held, any more or at all. */
  readonly isFree: boolean
  /** Why it will never be shipped; null while it may be. */
  readonly off: string | null
}

const nothing: Known = {
  order_id: '',
  items: null,
  isHeld: false,
  isPaymentAsked: false,
  isPaid: false,
  isFree: false,
  off: null,
}

/** The end of a hold, whichever of the two times it has been given. */
const holdEnds = ['unpaid', 'paying'] as const

const learn = (before: Known, event: SagaEvent<typeof heard>): Known => {
  if (event.type === 'TimerFired')
    return isHoldEnd(before, event.data.name) ? ended(before) : before
  const known = { ...before, order_id: event.data.order_id }
  const off = (reason: string): Known => ({ ...known, off: known.off ?? reason })
  switch (event.type) {
    case 'OrderCreated':
      return { ...known, items: event.data.items.map(toStockItem) }
    case 'OrderPaymentRequested':
      return { ...known, isPaymentAsked: true }
    case 'StockReserved':
      return { ...known, isHeld: true }
    case 'PaymentProcessed':
      // Of a late payment it was said already that nobody counts on it.
      return event.data.late ? known : { ...known, isPaid: true }
    case 'StockCommitted':
      return { ...known, isPaid: true }
    case 'StockRejected':
    case 'StockReleased':
      return { ...known, isFree: true }
    case 'PaymentFailed':
      return off(reasons.paymentFailed(event.data))
    case 'PaymentVoided':
      return off(reasons.paymentGivenBack(event.data))
    case 'ShipmentFailed':
      return off(reasons.shipmentFailed(event.data))
    case 'OrderCancelled':
      return off(reasons.cancelled(event.data))
    default:
      return event satisfies never
  }
}

const toStockItem = ({ product_id, sku, quantity }: StockItem): StockItem => ({
  product_id,
  sku,
  quantity,
})

const ended = (known: Known): Known => ({ ...known, off: known.off ?? reasons.notPaid })

const endOf = ({ isHeld, isPaid, isFree, isPaymentAsked, off }: Known) =>
  isHeld && !isPaid && !isFree && off === null ? holdEnds[isPaymentAsked ? 1 : 0] : undefined

// One that fires although the hold was prolonged, or paid for, has come too late.
const isHoldEnd = (known: Known, name: string) => endOf(known) === name

const asks = (known: Known, asked: readonly string[]): readonly Ask[] => {
  const { order_id, items, isPaid, isFree, off } = known
  if (off !== null)
    return asked.includes('hold') && !isFree
      ? [ask('release', ReleaseStock, { order_id, reason: off })]
      : []
  return [
    ...(items ? [ask('hold', HoldStock, { order_id, items: [...items] })] : []),
    ...(items && isPaid && !isFree ? [ask('commit', CommitStock, { order_id })] : []),
  ]
}

/** Holds the stock of an order, until it is paid or for so long; then lets it go, or takes it back. */
export const inventoryReactor = (holdMs = 15 * 60_000) =>
  reactor({
    name: 'reactor.inventory',
    contracts: heard,
    endedBy: orderEnds,
    nothing,
    learn,
    asks,
    waits(known) {
      const name = endOf(known)
      return name && { name, afterMs: holdMs }
    },
  })
