import { sql } from 'drizzle-orm'
import { bigint, check, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { write } from '../write-schema.ts'

/**
 * The books of the sandbox provider, which real ones keep at home: written outside of every transaction
 * of ours, and read by nobody but the sandbox.
 */
export const sandboxLedgerTable = write.table(
  'sandbox_ledger',
  {
    payment_key: text().notNull(),
    entry: text().$type<'charge' | 'refund'>().notNull(),
    answer: text().$type<'charged' | 'declined' | 'refunded'>().notNull(),
    /** In minor units, as asked for; the answer says whether it was moved. */
    minor: bigint({ mode: 'bigint' }).notNull(),
    currency: text().notNull(),
    method: text().notNull(),
    booked_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.payment_key, table.entry] }),
    check('sandbox_ledger_minor_not_negative', sql`${table.minor} >= 0`),
  ],
)
