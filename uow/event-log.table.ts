import { sql } from 'drizzle-orm'
import { check, index, integer, json, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { uow } from './uow-schema.table.ts'

/** What happened, in the published form, for ever: rows are only ever added. */
export const eventTable = uow.table(
  'event',
  {
    stream_module: text().notNull(),
    stream_id: text().notNull(),
    /** Of the aggregate after this event: 1, 2, 3, ... without a gap. */
    version: integer().notNull(),
    id: uuid().notNull().unique(),
    type: text().notNull(),
    data: json().$type<object>().notNull(),
    time: timestamp({ withTimezone: true }).notNull(),
    correlation_id: text().notNull(),
    causation_id: text().notNull(),
    command_id: text().notNull(),
    traceparent: text(),
  },
  (table) => [
    primaryKey({ columns: [table.stream_module, table.stream_id, table.version] }),
    // For people who ask what has happened lately. Rows come in this order, nearly: it is some pages,
    // and an insert does not notice it.
    index('event_by_time').using('brin', table.time).with({ autosummarize: true }),
    check('event_version_positive', sql`${table.version} > 0`),
  ],
)
