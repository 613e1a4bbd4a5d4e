import { sql } from 'drizzle-orm'
import { check, index, integer, numeric, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { write } from '../write-schema.ts'

/**
 * - `asking`: the provider is to be asked, now or again.
 * - `in-doubt`: a charge that was not answered in time; what has become of it is looked up.
 * - `given-up`: nothing could be learned of it for so long that nobody asks any more.
 */
type CallState = 'asking' | 'in-doubt' | 'given-up'

/** What the provider is still to be asked, under the id of the event that wants it; gone once answered. */
export const paymentCallTable = write.table(
  'payment_calls',
  {
    id: uuid().primaryKey(),
    operation: text().$type<'charge' | 'refund'>().notNull(),
    state: text().$type<CallState>().notNull(),
    order_id: uuid().notNull(),
    payment_key: text().notNull(),
    amount: numeric().notNull(),
    currency: text().notNull(),
    payment_method: text().notNull(),
    correlation_id: text().notNull(),
    traceparent: text(),
    attempts: integer().notNull(),
    /** When it is anybody's turn to ask; while somebody asks, the end of their lease. */
    due_at: timestamp({ withTimezone: true }).notNull(),
    give_up_at: timestamp({ withTimezone: true }),
  },
  (table) => [
    check('payment_calls_state_known', sql`${table.state} IN ('asking', 'in-doubt', 'given-up')`),
    index('payment_calls_due')
      .on(table.due_at)
      .where(sql`${table.state} <> 'given-up'`),
  ],
)
