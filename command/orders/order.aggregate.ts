import type { DataOf } from '../../shared/contracts/contract.ts'
import { orderEvents, type OrderStatus, type PaymentMethod } from '../../shared/contracts/orders.ts'
import { type EventPlace, eventSourced } from '../../uow/aggregate.ts'
import { lockRank } from '../write-schema.ts'

type Contracts = typeof orderEvents

export type OrderEvent = {
  [Name in keyof Contracts]: { readonly type: Name; readonly data: DataOf<Contracts[Name]> }
}[keyof Contracts]

/** As much of an order as decides what may happen to it next: items and address are in its events. */
export interface Order {
  readonly id: string
  readonly version: number
  readonly customer_id: string
  readonly status: OrderStatus
  /** Which method it is to be charged with; null while nobody has said. */
  readonly payment_method: PaymentMethod | null
  readonly payment_id: string | null
  readonly shipment_id: string | null
}

const evolveOrder = (
  before: Order | undefined,
  { type, data }: OrderEvent,
  { id }: EventPlace,
): Omit<Order, 'version'> => {
  if (type === 'OrderCreated') {
    const { customer_id, payment_method } = data
    const open = { payment_method, payment_id: null, shipment_id: null }
    return { id, customer_id, status: 'CREATED', ...open }
  }
  if (!before) throw new Error(`${type} before OrderCreated of ${id}`)
  switch (type) {
    case 'OrderReserved':
      return { ...before, status: 'RESERVED' }
    case 'OrderPaymentRequested':
      return { ...before, payment_method: data.payment_method }
    case 'OrderPaid':
      return {
        ...before,
        status: 'PAID',
        payment_method: data.payment_method,
        payment_id: data.payment_id,
      }
    case 'OrderShipped':
      return { ...before, status: 'SHIPPED', shipment_id: data.shipment_id }
    case 'OrderCancelled':
      return { ...before, status: 'CANCELLED' }
    default:
      return data satisfies never
  }
}

/** Kept as its events alone. */
export const orders = eventSourced<Order, OrderEvent>({
  name: 'orders',
  rank: lockRank.orders,
  contracts: orderEvents,
  stateVersion: 1,
  // The first event has every line of the order, and no later decision needs any of them.
  snapshotEvery: 3,
  evolve: evolveOrder,
})
