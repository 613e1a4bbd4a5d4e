import { sql } from 'drizzle-orm'
import { check, index, integer, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { read } from '../read-schema.ts'

const time = () => timestamp({ withTimezone: true, precision: 3 })

export const notificationStates = ['kept', 'pending', 'sent', 'failed', 'unaddressed'] as const

export const notificationTable = read.table(
  'notifications',
  {
    /** Of the event that asks for it: one event, one mail. */
    id: uuid().primaryKey(),
    /** Null for a customer who is no user. */
    user_id: uuid(),
    /** What it is about, if that is an order. */
    order_id: uuid(),
    locale: text().notNull(),
    /** Who gets what: forgotten as soon as the mail is sent. */
    recipient: text(),
    recipient_folded: text(),
    subject: text(),
    body: text(),
    /**
     * `kept` where there is no mail server: somebody reads it here. `unaddressed` where nobody knows an
     * address: it is not sent, and this row says so.
     */
    state: text({ enum: notificationStates }).notNull(),
    attempts: integer().notNull(),
    next_attempt_at: time().notNull(),
    created_at: time().notNull(),
    sent_at: time(),
  },
  (table) => [
    check(
      'notifications_state_known',
      sql`${table.state} IN ('kept', 'pending', 'sent', 'failed', 'unaddressed')`,
    ),
    index('notifications_newest').on(table.created_at, table.id),
    index('notifications_by_recipient').on(table.recipient_folded, table.created_at, table.id),
    index('notifications_by_user').on(table.user_id),
    index('notifications_due')
      .on(table.next_attempt_at)
      .where(sql`${table.state} = 'pending'`),
  ],
)

export type NotificationRow = Readonly<typeof notificationTable.$inferSelect>
