import { sql } from 'drizzle-orm'
import { check, index, integer, json, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { uow } from './uow-schema.table.ts'

export const timerStates = ['set', 'fired', 'cancelled'] as const
export type TimerState = (typeof timerStates)[number]

/** Messages that are to be sent at a time, and what became of them. */
export const timerTable = uow.table(
  'timer',
  {
    id: uuid().primaryKey(),
    state: text().$type<TimerState>().notNull(),
    due_at: timestamp({ withTimezone: true }).notNull(),
    /** How often it was set, as builds of before count it; to be dropped once they are gone. */
    settings: integer().notNull().default(1),
    name: text().notNull(),
    topic: text().notNull(),
    type: text().notNull(),
    key: text().notNull(),
    data: json().$type<object>().notNull(),
    correlation_id: text().notNull(),
    causation_id: text().notNull(),
    traceparent: text(),
    /** Of the last setting: each fires under a message id of its own. */
    set_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    ended_at: timestamp({ withTimezone: true }),
  },
  (table) => [
    check('timer_state_known', sql`${table.state} IN ('set', 'fired', 'cancelled')`),
    check('timer_ended_or_set', sql`(${table.state} = 'set') = (${table.ended_at} IS NULL)`),
    index('timer_due')
      .on(table.due_at, table.id)
      .where(sql`state = 'set'`),
    index('timer_of_key')
      .on(table.key, table.due_at, table.id)
      .where(sql`state = 'set'`),
    index('timer_ended')
      .on(table.ended_at)
      .where(sql`state <> 'set'`),
  ],
)
