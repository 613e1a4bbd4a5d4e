import { index, integer, json, numeric, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type {
  OrderItem,
  OrderStatus,
  PaymentMethod,
  ShippingAddress,
} from '../../shared/contracts/orders.ts'
import { read } from '../read-schema.ts'

const time = () => timestamp({ withTimezone: true, precision: 3 }).notNull()

export const orderTable = read.table(
  'orders',
  {
    id: uuid().primaryKey(),
    customer_id: text().notNull(),
    status: text().$type<OrderStatus>().notNull(),
    items: json().$type<readonly OrderItem[]>().notNull(),
    total: numeric().notNull(),
    currency: text().notNull(),
    shipping_address: json().$type<ShippingAddress>(),
    payment_method: text().$type<PaymentMethod>(),
    payment_id: text(),
    shipment_id: text(),
    carrier: text(),
    cancel_reason: text(),
    created_at: time(),
    updated_at: time(),
    version: integer().notNull(),
    revision: integer().notNull(),
  },
  (table) => [
    index('orders_newest').on(table.created_at, table.id),
    index('orders_by_status').on(table.status, table.created_at, table.id),
    index('orders_by_customer').on(table.customer_id, table.created_at, table.id),
  ],
)

export type OrderRow = Readonly<typeof orderTable.$inferSelect>

/** Who orders, as far as orders show it: carried here by the users' own events. */
export const orderCustomerTable = read.table('order_customers', {
  /** Text, as in orders: a customer need not be a user, and then has no row. */
  id: text().primaryKey(),
  /** Null for a user who was erased. */
  name: text(),
  email: text(),
  version: integer().notNull(),
  revision: integer().notNull(),
})

export type OrderCustomerRow = Readonly<typeof orderCustomerTable.$inferSelect>

/** One row an event, under the event's id. */
export const orderHistoryTable = read.table(
  'order_history',
  {
    id: uuid().primaryKey(),
    order_id: uuid().notNull(),
    module: text().notNull(),
    /** As of when it was written here. */
    type: text().notNull(),
    data: json().$type<object>().notNull(),
    time: time(),
    correlation_id: text().notNull(),
    causation_id: text(),
    /** Of the aggregate that it happened to. */
    version: integer().notNull(),
    revision: integer().notNull(),
  },
  (table) => [index('order_history_of_order').on(table.order_id, table.time)],
)

export type OrderHistoryRow = Readonly<typeof orderHistoryTable.$inferSelect>
