import type { DataOf } from '../../shared/contracts/contract.ts'
import { holdEvents } from '../../shared/contracts/inventory.ts'
import {
  CancelOrder,
  MarkOrderPaid,
  MarkOrderReserved,
  MarkOrderShipped,
  orderEnds,
  orderEvents,
} from '../../shared/contracts/orders.ts'
import { paymentEvents } from '../../shared/contracts/payments.ts'
import { shippingEvents } from '../../shared/contracts/shipping.ts'
import { type Ask, ask, reactor } from '../../uow/reactor.ts'
import type { SagaEvent } from '../../uow/saga.ts'
import { reasons } from '../fulfilment-reasons.ts'

const { OrderCreated, OrderCancelled } = orderEvents
const { PaymentProcessed, PaymentFailed, PaymentVoided, PaymentRefunded } = paymentEvents

const heard = {
  OrderCreated,
  OrderCancelled,
  ...holdEvents,
  PaymentProcessed,
  PaymentFailed,
  PaymentVoided,
  PaymentRefunded,
  ...shippingEvents,
} as const

type Paid = Omit<DataOf<typeof MarkOrderPaid>, 'order_id'>
type Shipped = Omit<DataOf<typeof MarkOrderShipped>, 'order_id'>

/** What orders has learned of one of them from the others. */
interface Known {
  readonly order_id: string
  readonly isReserved: boolean
  readonly paid: Paid | null
  readonly shipped: Shipped | null
  /** Without an address nothing is sent: it is handed over. */
  readonly isHandedOver: boolean
  readonly isTaken: boolean
  readonly isCancelled: boolean
  /** Why it cannot be carried on; null while it can. */
  readonly off: string | null
}

const nothing: Known = {
  order_id: '',
  isReserved: false,
  paid: null,
  shipped: null,
  isHandedOver: false,
  isTaken: false,
  isCancelled: false,
  off: null,
}

const learn = (before: Known, event: SagaEvent<typeof heard>): Known => {
  if (event.type === 'TimerFired') return before
  const known = { ...before, order_id: event.data.order_id }
  const reason = reasonOf(event)
  if (reason !== undefined)
    return {
      ...known,
      off: known.off ?? reason,
      isCancelled: known.isCancelled || event.type === 'OrderCancelled',
    }
  switch (event.type) {
    case 'OrderCreated':
      return { ...known, isHandedOver: event.data.shipping_address === null }
    case 'StockReserved':
      return { ...known, isReserved: true }
    case 'StockCommitted':
      return { ...known, isTaken: true }
    case 'PaymentProcessed': {
      const { payment_key: payment_id, payment_method } = event.data
      return { ...known, isReserved: true, paid: { payment_id, payment_method } }
    }
    case 'ShipmentPrepared': {
      const { shipment_id, carrier } = event.data
      return { ...known, shipped: { shipment_id, carrier } }
    }
    default:
      return known
  }
}

/** Why an event ends the order; undefined for one that carries it on. */
const reasonOf = (event: SagaEvent<typeof heard>): string | undefined => {
  switch (event.type) {
    case 'OrderCancelled':
      return reasons.cancelled(event.data)
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
      return event.data.late ? reasons.paymentLate : undefined
    case 'ShipmentFailed':
      return reasons.shipmentFailed(event.data)
    case 'ShipmentCancelled':
      return reasons.shipmentCancelled(event.data)
    default:
      return undefined
  }
}

const asks = (known: Known): readonly Ask[] => {
  const { order_id, isReserved, paid, isHandedOver, isTaken, isCancelled, off } = known
  if (isCancelled) return []
  if (off !== null) return [ask('cancel', CancelOrder, { order_id, reason: off })]
  const handedOver = isHandedOver && isTaken ? { shipment_id: order_id, carrier: null } : null
  const shipped = known.shipped ?? handedOver
  return [
    ...(isReserved ? [ask('mark-reserved', MarkOrderReserved, { order_id })] : []),
    ...(paid ? [ask('mark-paid', MarkOrderPaid, { order_id, ...paid })] : []),
    ...(paid && shipped ? [ask('mark-shipped', MarkOrderShipped, { order_id, ...shipped })] : []),
  ]
}

/**
 * Tells an order what the others have done for it, one after the other, whichever of them is heard of
 * first; and that it is off. Whether it is shipped or cancelled the order decides, once.
 */
export const ordersReactor = () =>
  reactor({ name: 'reactor.orders', contracts: heard, endedBy: orderEnds, nothing, learn, asks })
