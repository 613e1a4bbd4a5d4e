import type { DataOf } from '../../shared/contracts/contract.ts'
import { holdEvents } from '../../shared/contracts/inventory.ts'
import { orderEnds, orderEvents } from '../../shared/contracts/orders.ts'
import { CancelShipment, PrepareShipment, shippingEvents } from '../../shared/contracts/shipping.ts'
import { type Ask, ask, reactor } from '../../uow/reactor.ts'
import type { SagaEvent } from '../../uow/saga.ts'
import { reasons } from '../fulfilment-reasons.ts'

const { OrderCreated, OrderCancelled } = orderEvents
const { StockCommitted } = holdEvents
const { ShipmentFailed, ShipmentCancelled } = shippingEvents

const heard = {
  OrderCreated,
  OrderCancelled,
  StockCommitted,
  ShipmentFailed,
  ShipmentCancelled,
} as const

/** What shipping has learned of an order. */
interface Known {
  readonly order_id: string
  /** Null also where nothing is to be sent. */
  readonly parcel: Omit<DataOf<typeof PrepareShipment>, 'order_id'> | null
  readonly isTaken: boolean
  /** Nothing is on its way, any more or at all. */
  readonly isSettled: boolean
  readonly off: string | null
}

const nothing: Known = { order_id: '', parcel: null, isTaken: false, isSettled: false, off: null }

const learn = (before: Known, event: SagaEvent<typeof heard>): Known => {
  if (event.type === 'TimerFired') return before
  const known = { ...before, order_id: event.data.order_id }
  switch (event.type) {
    case 'OrderCreated':
      return { ...known, parcel: parcelOf(event.data) }
    case 'StockCommitted':
      return { ...known, isTaken: true }
    case 'ShipmentFailed':
    case 'ShipmentCancelled':
      return { ...known, isSettled: true }
    case 'OrderCancelled':
      return { ...known, off: known.off ?? reasons.cancelled(event.data) }
    default:
      return event satisfies never
  }
}

const parcelOf = ({ shipping_address, items, locale }: DataOf<typeof OrderCreated>) =>
  shipping_address && {
    address: shipping_address,
    items: items.map(({ sku, name, quantity }) => ({ sku, name, quantity })),
    ...(locale === null ? {} : { locale }),
  }

const asks = (known: Known, asked: readonly string[]): readonly Ask[] => {
  const { order_id, parcel, isTaken, isSettled, off } = known
  if (off !== null)
    return asked.includes('prepare') && !isSettled
      ? [ask('cancel', CancelShipment, { order_id, reason: off })]
      : []
  return parcel && isTaken ? [ask('prepare', PrepareShipment, { order_id, ...parcel })] : []
}

/** Prepares the shipment of what has left the shelf, and calls it back when the order is off. */
export const shippingReactor = () =>
  reactor({ name: 'reactor.shipping', contracts: heard, endedBy: orderEnds, nothing, learn, asks })
