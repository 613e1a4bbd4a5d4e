import { sql } from 'drizzle-orm'
import { check, integer, json, text, uuid } from 'drizzle-orm/pg-core'
import type { HoldStatus, StockItem } from '../../shared/contracts/inventory.ts'
import { write } from '../write-schema.ts'

/** One row a product, under the product's id. */
export const stockTable = write.table(
  'stock',
  {
    id: uuid().primaryKey(),
    version: integer().notNull(),
    sku: text().notNull(),
    on_hand: integer().notNull(),
    held: integer().notNull(),
  },
  (table) => [
    check('stock_held_is_there', sql`${table.held} BETWEEN 0 AND ${table.on_hand}`),
    check('stock_version_positive', sql`${table.version} > 0`),
  ],
)

/** One row an order, under the order's id: what it holds, and so what can be given back. */
export const holdTable = write.table(
  'stock_holds',
  {
    id: uuid().primaryKey(),
    version: integer().notNull(),
    status: text().$type<HoldStatus>().notNull(),
    items: json().$type<readonly StockItem[]>().notNull(),
  },
  (table) => [
    check(
      'stock_holds_status_known',
      sql`${table.status} IN ('RESERVED', 'REJECTED', 'RELEASED', 'COMMITTED')`,
    ),
    check('stock_holds_version_positive', sql`${table.version} > 0`),
  ],
)
