import { sql } from 'drizzle-orm'
import { check, index, integer, json, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { uow } from './uow-schema.table.ts'

const columns = () => ({
  saga: text().notNull(),
  id: text().notNull(),
  version: integer().notNull(),
  /** What it waits for, or how it ended. */
  step: text().notNull(),
  ended_at: timestamp({ withTimezone: true }),
  state: json().$type<object>().notNull(),
  started_at: timestamp({ withTimezone: true }).notNull(),
  updated_at: timestamp({ withTimezone: true }).notNull(),
})

/** How far each saga is: the row whose lock makes it react to one event after another. */
export const sagaTable = uow.table('saga', columns(), (table) => [
  primaryKey({ columns: [table.saga, table.id] }),
  check('saga_version_positive', sql`${table.version} > 0`),
  index('saga_running')
    .on(table.started_at)
    .where(sql`ended_at IS NULL`),
  index('saga_begun').on(table.started_at),
])

/** What each reactor remembers of one thing, for itself; `saga` is the reactor's name. */
export const reactorTable = uow.table('reactor', columns(), (table) => [
  primaryKey({ columns: [table.saga, table.id] }),
  check('reactor_version_positive', sql`${table.version} > 0`),
  index('reactor_begun').on(table.started_at),
])
