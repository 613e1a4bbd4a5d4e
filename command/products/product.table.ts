import { sql } from 'drizzle-orm'
import { check, integer, numeric, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { write } from '../write-schema.ts'

export const productTable = write.table(
  'products',
  {
    id: uuid().primaryKey(),
    version: integer().notNull(),
    sku: text().notNull(),
    name: text().notNull(),
    /** With the digits of its currency; read and written as text, so that no cent is ever rounded. */
    price: numeric().notNull(),
    currency: text().notNull(),
    description: text(),
    created_at: timestamp({ withTimezone: true }).notNull(),
    updated_at: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [
    check('products_price_not_negative', sql`${table.price} >= 0`),
    check('products_version_positive', sql`${table.version} > 0`),
  ],
)

/** What an order needs to see of a product, under its SKU: orders know nothing else. */
export const offerTable = write.table('offers', {
  id: text().primaryKey(),
  version: integer().notNull(),
  product_id: uuid().notNull(),
  name: text().notNull(),
  price: numeric().notNull(),
  currency: text().notNull(),
})
