import type { orderEvents } from '../../shared/contracts/orders.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import { decimalText, moneyOf } from '../../shared/kernel/money.ts'
import type { EventsOf, View } from '../projection/view.ts'
import { type OrderRow, orderTable } from './order.table.ts'

export type OrderEvent = EventsOf<typeof orderEvents>
type Created = Extract<OrderEvent, { readonly name: 'OrderCreated' }>

export type ProjectedOrder = Omit<OrderRow, 'version' | 'revision'>

/** Which orders are there, whose are they, and how far have they come? */
export const orderView: View<OrderRow, OrderEvent, ProjectedOrder> = {
  name: 'orders',
  revision: 1,
  table: orderTable,
  rowId: ({ subject }) => subject,
  project(before, event) {
    if (event.name === 'OrderCreated') return created(event)
    if (!before)
      throw new Poison('first-event', `${event.name} is no first event of ${event.subject}`)
    const after: ProjectedOrder = { ...before, updated_at: event.time }
    switch (event.name) {
      case 'OrderReserved':
        return { ...after, status: 'RESERVED' }
      case 'OrderPaymentRequested':
        return { ...after, payment_method: event.data.payment_method }
      case 'OrderPaid': {
        const { payment_id, payment_method } = event.data
        return { ...after, status: 'PAID', payment_id, payment_method }
      }
      case 'OrderShipped': {
        const { shipment_id, carrier } = event.data
        return { ...after, status: 'SHIPPED', shipment_id, carrier }
      }
      case 'OrderCancelled':
        return { ...after, status: 'CANCELLED', cancel_reason: event.data.reason }
      default:
        return event satisfies never
    }
  },
}

const created = ({ data, time }: Created): ProjectedOrder => ({
  id: data.order_id,
  customer_id: data.customer_id,
  status: 'CREATED',
  items: data.items,
  total: decimalText(moneyOf(data.total, data.currency)),
  currency: data.currency,
  shipping_address: data.shipping_address,
  payment_method: data.payment_method,
  payment_id: null,
  shipment_id: null,
  carrier: null,
  cancel_reason: null,
  created_at: new Date(data.created_at),
  updated_at: time,
})
