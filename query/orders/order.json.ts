import { z } from 'zod'
import { orderStatuses, paymentMethods, shippingAddress } from '../../shared/contracts/orders.ts'
import type { ListedOrder } from './order.find.ts'

const personal = z.string().nullable()

export const orderJson = z
  .object({
    order_id: z.guid(),
    customer_id: z.string(),
    customer: z
      .object({
        name: personal.meta({ description: 'null, as the e-mail address, once erased' }),
        email: personal,
      })
      .nullable()
      .meta({ description: 'null where the customer is no user' }),
    items: z.array(
      z.object({
        sku: z.string(),
        name: z.string(),
        price: z.number().meta({ description: 'of one piece, as ordered' }),
        quantity: z.number().int(),
      }),
    ),
    total: z.number(),
    currency: z.string(),
    status: z.enum(orderStatuses),
    shipping_address: shippingAddress.nullable(),
    payment_method: z.enum(paymentMethods).nullable(),
    payment_id: z.string().nullable(),
    shipment_id: z.string().nullable(),
    carrier: z.string().nullable(),
    cancel_reason: z.string().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    version: z.number().int(),
  })
  .meta({ id: 'Order' })

/** An order as the contract shows it: field by field, so that no new column is shown by accident. */
export const showOrder = (row: ListedOrder): z.output<typeof orderJson> => ({
  order_id: row.id,
  customer_id: row.customer_id,
  customer: row.customer && { name: row.customer.name, email: row.customer.email },
  items: row.items.map(({ sku, name, price, quantity }) => ({ sku, name, price, quantity })),
  total: Number(row.total),
  currency: row.currency,
  status: row.status,
  shipping_address: row.shipping_address,
  payment_method: row.payment_method,
  payment_id: row.payment_id,
  shipment_id: row.shipment_id,
  carrier: row.carrier,
  cancel_reason: row.cancel_reason,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
  version: row.version,
})

export const exampleOrder = {
  order_id: '0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f',
  customer_id: '0197f1aa-0000-7d3a-8b9e-3a4b5c6d7e8f',
  customer: { name: 'Ana Ruiz', email: 'ana@example.com' },
  items: [
    { sku: 'prod-1', name: 'Travel pillow', price: 16.25, quantity: 2 },
    { sku: 'prod-2', name: 'Luggage tag', price: 10, quantity: 1 },
  ],
  total: 42.5,
  currency: 'EUR',
  status: 'CREATED',
  shipping_address: null,
  payment_method: null,
  payment_id: null,
  shipment_id: null,
  carrier: null,
  cancel_reason: null,
  created_at: '2026-11-20T10:00:00.000Z',
  updated_at: '2026-11-20T10:00:00.000Z',
  version: 1,
}
