import { index, integer, text, timestamp } from 'drizzle-orm/pg-core'
import { write } from '../write-schema.ts'

/** How often somebody failed to log in as an address, whether or not anybody has it. */
export const loginAttemptTable = write.table(
  'login_attempts',
  {
    email_digest: text().primaryKey(),
    failures: integer().notNull(),
    last_at: timestamp({ withTimezone: true }).notNull(),
    blocked_until: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [index('login_attempts_by_age').on(table.last_at)],
)
