import { index, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { write } from '../write-schema.ts'

/** Which command a keyed request became. Written before the command is published, kept for a week. */
export const idempotencyKeyTable = write.table(
  'idempotency_keys',
  {
    /** HMAC of caller and key. */
    scope: text().primaryKey(),
    /** HMAC of what was asked for. */
    fingerprint: text().notNull(),
    command_id: uuid().notNull(),
    target_id: uuid().notNull(),
    created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [index('idempotency_keys_by_age').on(table.created_at)],
)
