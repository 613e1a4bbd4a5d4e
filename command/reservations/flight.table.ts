import { check, integer, json, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'
import type { Airport, SeatCounts } from '../../shared/contracts/flights.ts'
import { write } from '../write-schema.ts'

export const flightTable = write.table(
  'flights',
  {
    id: uuid().primaryKey(),
    version: integer().notNull(),
    flight_number: text().notNull(),
    departure: timestamp({ withTimezone: true }).notNull(),
    origin: json().$type<Airport>().notNull(),
    destination: json().$type<Airport>().notNull(),
    seats: json().$type<SeatCounts>().notNull(),
    taken: json().$type<SeatCounts>().notNull(),
  },
  (table) => [check('flights_version_positive', sql`${table.version} > 0`)],
)
