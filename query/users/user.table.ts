import { index, integer, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { UserKind, UserStatus } from '../../shared/contracts/users.ts'
import { read } from '../read-schema.ts'

const time = () => timestamp({ withTimezone: true, precision: 3 }).notNull()

export const userTable = read.table(
  'users',
  {
    id: uuid().primaryKey(),
    kind: text().$type<UserKind>().notNull(),
    status: text().$type<UserStatus>().notNull(),
    locale: text().notNull(),
    /** Everything personal is null for a user who was erased. */
    first_name: text(),
    last_name: text(),
    email: text(),
    /** The address in the form in which it is compared. */
    email_folded: text(),
    national_id: text(),
    tax_id: text(),
    birth_date: text(),
    incorporated_on: text(),
    registered_at: time(),
    updated_at: time(),
    version: integer().notNull(),
    revision: integer().notNull(),
  },
  (table) => [
    index('users_newest').on(table.registered_at, table.id),
    index('users_by_status').on(table.status, table.registered_at, table.id),
    index('users_by_email').on(table.email_folded),
  ],
)

export type UserRow = Readonly<typeof userTable.$inferSelect>

export const userReservationTable = read.table(
  'user_reservations',
  {
    id: uuid().primaryKey(),
    user_id: uuid().notNull(),
    reservation_id: uuid().notNull(),
    linked_at: time(),
    version: integer().notNull(),
    revision: integer().notNull(),
  },
  (table) => [index('user_reservations_by_user').on(table.user_id, table.reservation_id)],
)

export type UserReservationRow = Readonly<typeof userReservationTable.$inferSelect>
