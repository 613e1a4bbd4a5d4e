import { customType, index, integer, text, uuid } from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'
import { read } from '../read-schema.ts'

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })

/** What products are found by: made of `products_read` by the search indexer, and of nothing else. */
export const productSearchTable = read.table(
  'product_search',
  {
    id: uuid().primaryKey(),
    /** As it is searched for: `read.without_accents`, which its migration makes. */
    name: text().notNull(),
    /** Of name, SKU and description, in falling weight. */
    words: tsvector().notNull(),
    /** Of the product that was read. */
    version: integer().notNull(),
  },
  (table) => [
    index('product_search_words').using('gin', table.words),
    index('product_search_trigrams').using('gin', sql`${table.name} gin_trgm_ops`),
  ],
)
