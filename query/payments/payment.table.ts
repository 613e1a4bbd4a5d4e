import { integer, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { PaymentFailure, PaymentStatus } from '../../shared/contracts/payments.ts'
import { read } from '../read-schema.ts'

/** One row an order, under its id. */
export const paymentTable = read.table('payments', {
  id: uuid().primaryKey(),
  payment_key: text().notNull(),
  status: text().$type<PaymentStatus>().notNull(),
  failure: text().$type<PaymentFailure>(),
  updated_at: timestamp({ withTimezone: true, precision: 3 }).notNull(),
  version: integer().notNull(),
  revision: integer().notNull(),
})

export type PaymentRow = Readonly<typeof paymentTable.$inferSelect>
