import { newId } from '../../shared/kernel/ids.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { envelopeOf, minute } from './recorded-events.ts'

export const orderItem = (sku: string, price: number, quantity: number) => ({
  product_id: '01970000-0000-7000-8000-00000000000f',
  sku,
  name: `Name of ${sku}`,
  price,
  quantity,
})

/** The order of the texts, which costs 42.50. */
export const orderCreated = (order_id: string, more: object = {}): Envelope =>
  envelopeOf('OrderCreated', order_id, 1, {
    order_id,
    customer_id: 'customer-1',
    items: [orderItem('prod-1', 16.25, 2), orderItem('prod-2', 10, 1)],
    total: 42.5,
    currency: 'EUR',
    shipping_address: null,
    payment_method: null,
    locale: null,
    created_at: minute(1),
    ...more,
  })

export const orderReserved = (order_id: string): Envelope =>
  envelopeOf('OrderReserved', order_id, 2, { order_id })

export const orderPaid = (order_id: string): Envelope =>
  envelopeOf('OrderPaid', order_id, 3, {
    order_id,
    payment_id: 'charge-1',
    payment_method: 'card-ok',
  })

export const orderShipped = (order_id: string): Envelope =>
  envelopeOf('OrderShipped', order_id, 4, {
    order_id,
    shipment_id: 'shipment-1',
    carrier: 'Aero',
  })

export const stockReserved = (order_id: string): Envelope => ({
  ...envelopeOf('StockReserved', order_id, 1, { order_id, items: [] }),
  // Under the order's id, as the order's own first event.
  id: newId(),
})
