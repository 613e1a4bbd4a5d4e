import { z } from 'zod'
import { commandsOf, eventsOf } from './contract.ts'
import { upcastFrom } from './upcasting.ts'

const command = commandsOf('orders')
const event = eventsOf('orders')

export const orderStatuses = ['CREATED', 'RESERVED', 'PAID', 'SHIPPED', 'CANCELLED'] as const
export type OrderStatus = (typeof orderStatuses)[number]
/** The cards of the sandbox: each says how its charge ends. */
export const paymentMethods = ['card-ok', 'card-declined', 'card-timeout', 'card-late'] as const
export type PaymentMethod = (typeof paymentMethods)[number]

const order = { order_id: z.uuid() }
const quantity = z.number().int().positive()
const paymentMethod = z.enum(paymentMethods)

export const shippingAddress = z.strictObject({
  recipient: z.string().nullable(),
  street: z.string(),
  city: z.string(),
  postal_code: z.string().nullable(),
  /** ISO 3166-1, two letters. */
  country: z.string(),
})
export type ShippingAddress = Readonly<z.output<typeof shippingAddress>>

/** One product in an order, as it was sold. */
export const orderItem = z.strictObject({
  product_id: z.uuid(),
  sku: z.string(),
  name: z.string(),
  /** Of one piece; see shared/kernel/money.ts. */
  price: z.number(),
  quantity,
})
export type OrderItem = Readonly<z.output<typeof orderItem>>

/** Everything was sold in EUR when orders had no currency. */
const inEuro = <Data extends object>(data: Data) => ({ ...data, currency: 'EUR' })

const wishes = {
  shipping_address: shippingAddress.nullable(),
  /** Null: the order waits to be paid. */
  payment_method: paymentMethod.nullable(),
  /** Language of mails about it; null: the customer's. */
  locale: z.string().nullable(),
}

const createBefore = z.strictObject({
  ...order,
  customer_id: z.string(),
  items: z.array(z.strictObject({ sku: z.string(), quantity })).min(1),
  ...wishes,
})
export const CreateOrder = command(
  'CreateOrder',
  createBefore.extend({ currency: z.string() }),
  2,
  { 1: upcastFrom(createBefore, inEuro) },
)
/** Asks for the charge; `OrderPaid` tells that it was made. */
export const PayOrder = command(
  'PayOrder',
  z.strictObject({ ...order, payment_method: paymentMethod }),
)
export const CancelOrder = command(
  'CancelOrder',
  z.strictObject({ ...order, reason: z.string().optional() }),
)

// What fulfilment has done. Sent by whoever fulfils orders, never from outside; each may come twice.
/** Its stock is held. */
export const MarkOrderReserved = command('MarkOrderReserved', z.strictObject(order))
const payment = { payment_id: z.string(), payment_method: paymentMethod }
/** It was charged. */
export const MarkOrderPaid = command('MarkOrderPaid', z.strictObject({ ...order, ...payment }))
const shipment = { shipment_id: z.string(), carrier: z.string().nullable() }
/** It has left the house. */
export const MarkOrderShipped = command(
  'MarkOrderShipped',
  z.strictObject({ ...order, ...shipment }),
)

const createdBefore = z.strictObject({
  ...order,
  customer_id: z.string(),
  items: z.array(orderItem),
  total: z.number(),
  ...wishes,
  created_at: z.iso.datetime(),
})
/** With names and prices of the moment: whatever happens to the products, this is what was ordered. */
const OrderCreated = event('OrderCreated', createdBefore.extend({ currency: z.string() }), 2, {
  1: upcastFrom(createdBefore, inEuro),
})
const OrderReserved = event('OrderReserved', z.strictObject(order))
/** The customer wants it to be charged now; nothing is paid yet. */
const OrderPaymentRequested = event(
  'OrderPaymentRequested',
  z.strictObject({ ...order, payment_method: paymentMethod }),
)
const OrderPaid = event('OrderPaid', z.strictObject({ ...order, ...payment }))
const OrderShipped = event('OrderShipped', z.strictObject({ ...order, ...shipment }))
const OrderCancelled = event(
  'OrderCancelled',
  z.strictObject({ ...order, reason: z.string().nullable() }),
)

export const orderCommands = {
  CreateOrder,
  PayOrder,
  CancelOrder,
  MarkOrderReserved,
  MarkOrderPaid,
  MarkOrderShipped,
} as const
export const orderEvents = {
  OrderCreated,
  OrderReserved,
  OrderPaymentRequested,
  OrderPaid,
  OrderShipped,
  OrderCancelled,
} as const
/** After one of these nothing begins for an order any more. */
export const orderEnds = [OrderShipped, OrderCancelled] as const
