import { primaryKey, text } from 'drizzle-orm/pg-core'
import { uow } from './uow-schema.table.ts'

/** Business keys that only one owner may have. */
export const claimTable = uow.table(
  'claim',
  {
    registry: text().notNull(),
    value: text().notNull(),
    owner: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.registry, table.value] })],
)
