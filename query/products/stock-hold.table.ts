import { integer, json, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { HoldStatus, StockItem } from '../../shared/contracts/inventory.ts'
import { read } from '../read-schema.ts'

/** One row an order, under its id. */
export const stockHoldTable = read.table('stock_holds', {
  id: uuid().primaryKey(),
  status: text().$type<HoldStatus>().notNull(),
  items: json().$type<readonly StockItem[]>().notNull(),
  updated_at: timestamp({ withTimezone: true, precision: 3 }).notNull(),
  version: integer().notNull(),
  revision: integer().notNull(),
})

export type StockHoldRow = Readonly<typeof stockHoldTable.$inferSelect>
