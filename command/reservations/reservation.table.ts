import { sql } from 'drizzle-orm'
import { check, integer, json, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { FlightSeats } from '../../shared/contracts/flights.ts'
import type {
  Itinerary,
  Passenger,
  ReservationStatus,
  TripType,
} from '../../shared/contracts/reservations.ts'
import { write } from '../write-schema.ts'

export const reservationTable = write.table(
  'reservations',
  {
    id: uuid().primaryKey(),
    status: text().$type<ReservationStatus>().notNull(),
    version: integer().notNull(),
    client_id: text(),
    passengers: json().$type<readonly Passenger[]>().notNull(),
    itineraries: json().$type<readonly Itinerary[]>().notNull(),
    trip_type: text().$type<TripType>(),
    /** The seats that it has taken, to be given back; none before its approval. */
    flights: json().$type<readonly FlightSeats[]>(),
    created_at: timestamp({ withTimezone: true }).notNull(),
    updated_at: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [
    check(
      'reservations_status_known',
      sql`${table.status} IN ('PENDING', 'APPROVED', 'PAID', 'CANCELLED')`,
    ),
    check('reservations_version_positive', sql`${table.version} > 0`),
  ],
)
