import { sql } from 'drizzle-orm'
import { check, index, integer, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { UserKind, UserStatus } from '../../shared/contracts/users.ts'
import { write } from '../write-schema.ts'

export const userTable = write.table(
  'users',
  {
    id: uuid().primaryKey(),
    status: text().$type<UserStatus>().notNull(),
    version: integer().notNull(),
    kind: text().$type<UserKind>().notNull(),
    locale: text().notNull(),
    email_digest: text().notNull(),
    password_hash: text().notNull(),
    /** PersonalData, sealed with the user's own key. */
    personal: text().notNull(),
    registered_at: timestamp({ withTimezone: true }).notNull(),
    updated_at: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [
    check('users_status_known', sql`${table.status} IN ('REGISTERED', 'VALIDATED', 'DEACTIVATED')`),
    check('users_kind_known', sql`${table.kind} IN ('person', 'company')`),
    check('users_version_positive', sql`${table.version} > 0`),
    index('users_by_email').on(table.email_digest),
  ],
)

/** One key a user. Throwing it away makes everything sealed with it unreadable, wherever it lies. */
export const userKeyTable = write.table('user_keys', {
  id: uuid().primaryKey(),
  version: integer().notNull(),
  /** The key, sealed with CREDENTIAL_KEY. */
  sealed_key: text().notNull(),
})
