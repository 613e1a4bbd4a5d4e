import { sql } from 'drizzle-orm'
import { check, index, integer, json, text, timestamp } from 'drizzle-orm/pg-core'
import type { Receipt, ReceiptProblem, ReceiptStatus } from '../shared/contracts/receipts.ts'
import { uow } from './uow-schema.table.ts'

/** What became of each command that a worker has seen. */
export const receiptTable = uow.table(
  'receipt',
  {
    command_id: text().primaryKey(),
    type: text().notNull(),
    target_id: text().notNull(),
    owner: text(),
    status: text().$type<ReceiptStatus>().notNull(),
    version: integer(),
    submitted_at: timestamp({ withTimezone: true }).notNull(),
    finished_at: timestamp({ withTimezone: true }),
    attempts: integer().notNull(),
    events: json().$type<Receipt['events']>().notNull(),
    problem: json().$type<ReceiptProblem>(),
  },
  (table) => [
    check(
      'receipt_status_known',
      sql`${table.status} IN ('accepted', 'completed', 'rejected', 'failed')`,
    ),
    index('receipt_by_age').on(table.submitted_at),
  ],
)
