import type { DataOf } from '../../shared/contracts/contract.ts'
import { orderEvents } from '../../shared/contracts/orders.ts'
import { shippingEvents } from '../../shared/contracts/shipping.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import { decimalText, moneyOf } from '../../shared/kernel/money.ts'
import type { NotifiedOrder } from './notified-order.table.ts'

const { OrderCreated, OrderPaid, OrderShipped, OrderCancelled } = orderEvents
const { ShipmentPrepared } = shippingEvents

/** What mails about orders are made of. That an order was made is no news: its receipt has said so. */
export const orderNewsContracts = {
  OrderCreated,
  OrderPaid,
  OrderShipped,
  OrderCancelled,
  ShipmentPrepared,
} as const
type Contracts = typeof orderNewsContracts

export type OrderNews = {
  [Name in keyof Contracts]: {
    readonly name: Name
    readonly id: string
    readonly time: string
    readonly data: DataOf<Contracts[Name]>
  }
}[keyof Contracts]

/** What its customer is to be told of an order. */
export type Told =
  | { readonly kind: 'paid' }
  | { readonly kind: 'shipped'; readonly carrier: string | null; readonly tracking: string | null }
  | { readonly kind: 'cancelled'; readonly reason: string | null }

/** An order whose first event is here. */
export type KnownOrder = NotifiedOrder & {
  readonly customer_id: string
  readonly total: string
  readonly currency: string
}

export interface OrderNotice {
  /** Of the event that it tells of, as is its time. */
  readonly id: string
  readonly time: string
  readonly order: KnownOrder
  readonly told: Told
}

interface Heard {
  readonly after: NotifiedOrder
  readonly notice?: OrderNotice
}

export const orderIdOf = ({ data }: OrderNews): string => data.order_id.toLowerCase()

export const unknownOrder = (id: string): NotifiedOrder => ({
  id,
  customer_id: null,
  locale: null,
  total: null,
  currency: null,
  tracking: null,
  untold_shipment: null,
})

/**
 * What an event adds to what is known of its order, and what there is to tell because of it. A parcel
 * is told with its tracking number, which comes over another topic: whichever comes last tells it.
 */
export const hear = (before: NotifiedOrder, news: OrderNews): Heard => {
  const { id, time } = news
  switch (news.name) {
    case 'OrderCreated': {
      const { customer_id, locale, currency } = news.data
      const total = decimalText(moneyOf(news.data.total, currency))
      return { after: { ...before, customer_id, locale, total, currency } }
    }
    case 'ShipmentPrepared':
      return prepared({ ...before, tracking: news.data.tracking })
    case 'OrderPaid':
      return tell(before, { id, time }, { kind: 'paid' })
    case 'OrderShipped':
      return shipped(before, { id, time }, news.data.carrier)
    case 'OrderCancelled':
      return tell(before, { id, time }, { kind: 'cancelled', reason: news.data.reason })
    default:
      return news satisfies never
  }
}

type Occasion = Pick<OrderNotice, 'id' | 'time'>

const prepared = (order: NotifiedOrder): Heard => {
  const { untold_shipment: untold, tracking } = order
  if (!untold) return { after: order }
  const { carrier } = untold
  return tell({ ...order, untold_shipment: null }, untold, { kind: 'shipped', carrier, tracking })
}

const shipped = (order: NotifiedOrder, occasion: Occasion, carrier: string | null): Heard => {
  const { tracking } = order
  // Without a carrier it was handed over, and there is nothing to track.
  if (carrier === null || tracking !== null)
    return tell(order, occasion, { kind: 'shipped', carrier, tracking })
  return { after: { ...order, untold_shipment: { ...occasion, carrier } } }
}

const tell = (order: NotifiedOrder, { id, time }: Occasion, told: Told): Heard => {
  if (!isKnown(order))
    throw new Poison('first-event', `event ${id} is no first event of order ${order.id}`)
  return { after: order, notice: { id, time, order, told } }
}

const isKnown = (order: NotifiedOrder): order is KnownOrder =>
  order.customer_id !== null && order.total !== null && order.currency !== null
