import { index, integer, json, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { Airport, SeatCounts } from '../../shared/contracts/flights.ts'
import { read } from '../read-schema.ts'

export const flightTable = read.table(
  'flights',
  {
    id: uuid().primaryKey(),
    flight_number: text().notNull(),
    departure: timestamp({ withTimezone: true, precision: 3 }).notNull(),
    origin: json().$type<Airport>().notNull(),
    destination: json().$type<Airport>().notNull(),
    seats: json().$type<SeatCounts>().notNull(),
    taken: json().$type<SeatCounts>().notNull(),
    version: integer().notNull(),
    revision: integer().notNull(),
  },
  (table) => [index('flights_by_departure').on(table.departure, table.id)],
)

export type FlightRow = Readonly<typeof flightTable.$inferSelect>
