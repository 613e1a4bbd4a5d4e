import { sql } from 'drizzle-orm'
import { index, integer, numeric, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { read } from '../read-schema.ts'

const time = () => timestamp({ withTimezone: true, precision: 3 }).notNull()

/** How much there is of a product is in `stock_levels`: it changes with every order, and this does not. */
export const productTable = read.table(
  'products_read',
  {
    id: uuid().primaryKey(),
    sku: text().notNull(),
    name: text().notNull(),
    price: numeric().notNull(),
    currency: text().notNull(),
    description: text(),
    created_at: time(),
    updated_at: time(),
    /** Of the level that goes with the last event here: until it has come, the product is not up to date. */
    stock_version: integer().notNull(),
    version: integer().notNull(),
    revision: integer().notNull(),
  },
  (table) => [
    // read.by_name is made by the migration: the root collation of ICU, cases alike.
    index('products_read_by_name').on(sql`${table.name} COLLATE read.by_name`, table.id),
  ],
)

export type ProductRow = Readonly<typeof productTable.$inferSelect>

/** One row a product, from the events of its stock. */
export const stockLevelTable = read.table('stock_levels', {
  id: uuid().primaryKey(),
  sku: text().notNull(),
  on_hand: integer().notNull(),
  held: integer().notNull(),
  version: integer().notNull(),
  revision: integer().notNull(),
})

export type StockLevelRow = Readonly<typeof stockLevelTable.$inferSelect>
