import { sql } from 'drizzle-orm'
import { check, integer, json, primaryKey, text } from 'drizzle-orm/pg-core'
import { uow } from './uow-schema.table.ts'

/** What is locked of an aggregate that is kept as its events, and how far these go. */
export const streamTable = uow.table(
  'stream',
  {
    module: text().notNull(),
    id: text().notNull(),
    version: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.module, table.id] }),
    check('stream_version_positive', sql`${table.version} > 0`),
  ],
)

/** What the first `version` events of a stream add up to. May be lost: the events say it again. */
export const snapshotTable = uow.table(
  'snapshot',
  {
    module: text().notNull(),
    id: text().notNull(),
    version: integer().notNull(),
    state: json().$type<object>().notNull(),
    state_version: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.module, table.id] })],
)
