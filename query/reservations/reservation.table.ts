import { sql } from 'drizzle-orm'
import { index, integer, json, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type {
  Itinerary,
  Passenger,
  ReservationStatus,
  TripType,
} from '../../shared/contracts/reservations.ts'
import { read } from '../read-schema.ts'

// Milliseconds, as in JSON: a page's cursor must compare equal with what the row holds.
const time = () => timestamp({ withTimezone: true, precision: 3 }).notNull()

export const reservationTable = read.table(
  'reservations',
  {
    id: uuid().primaryKey(),
    client_id: text(),
    status: text().$type<ReservationStatus>().notNull(),
    itineraries: json().$type<readonly Itinerary[]>().notNull(),
    passengers: json().$type<readonly Passenger[]>().notNull(),
    trip_type: text().$type<TripType>(),
    route: text(),
    created_at: time(),
    updated_at: time(),
    version: integer().notNull(),
    revision: integer().notNull(),
  },
  (table) => [
    index('reservations_newest').on(table.created_at, table.id),
    index('reservations_by_status').on(table.status, table.created_at, table.id),
    index('reservations_unpaid')
      .on(table.created_at, table.id)
      .where(sql`${table.status} IN ('PENDING', 'APPROVED')`),
    index('reservations_by_client').on(table.client_id, table.created_at, table.id),
  ],
)

export type ReservationRow = Readonly<typeof reservationTable.$inferSelect>
