import { sql } from 'drizzle-orm'
import { check, integer, numeric, text, uuid } from 'drizzle-orm/pg-core'
import type { PaymentMethod } from '../../shared/contracts/orders.ts'
import type { PaymentFailure, PaymentStatus } from '../../shared/contracts/payments.ts'
import { write } from '../write-schema.ts'

/** One row an order, under the order's id: its latest payment. */
export const paymentTable = write.table(
  'payments',
  {
    id: uuid().primaryKey(),
    version: integer().notNull(),
    payment_key: text().notNull(),
    status: text().$type<PaymentStatus>().notNull(),
    /** With the digits of its currency, read and written as text; null where the provider was never asked. */
    amount: numeric(),
    currency: text(),
    payment_method: text().$type<PaymentMethod>(),
    failure: text().$type<PaymentFailure>(),
    /** Why it is to be given back. */
    refund_reason: text(),
  },
  (table) => [
    check(
      'payments_status_known',
      sql`${table.status} IN ('REQUESTED', 'PROCESSED', 'FAILED', 'VOIDED', 'REFUNDING', 'REFUNDED')`,
    ),
    check('payments_amount_not_negative', sql`${table.amount} >= 0`),
    check('payments_version_positive', sql`${table.version} > 0`),
  ],
)
