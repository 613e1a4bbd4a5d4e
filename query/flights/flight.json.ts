import { z } from 'zod'
import { airport, seatCounts } from '../../shared/contracts/flights.ts'
import type { FlightRow } from './flight.table.ts'

export const flightJson = z
  .object({
    id: z.guid(),
    flight_number: z.string(),
    departure: z.iso.datetime(),
    origin: airport,
    destination: airport,
    seats: seatCounts,
    taken: seatCounts,
    left: seatCounts,
    version: z.number().int(),
  })
  .meta({ id: 'Flight' })

export const showFlight = (row: FlightRow) => ({
  id: row.id,
  flight_number: row.flight_number,
  departure: row.departure.toISOString(),
  origin: row.origin,
  destination: row.destination,
  seats: row.seats,
  taken: row.taken,
  left: {
    economy: row.seats.economy - row.taken.economy,
    premium: row.seats.premium - row.taken.premium,
    business: row.seats.business - row.taken.business,
    first: row.seats.first - row.taken.first,
  },
  version: row.version,
})

export const exampleFlight = {
  id: '3c9a4f0e-4d5a-5f0b-9d59-6a6f0f5b8c1d',
  flight_number: 'AV244',
  departure: '2026-12-22T13:10:00.000Z',
  origin: { code: 'BOG', name: 'El Dorado' },
  destination: { code: 'JFK', name: 'John F. Kennedy' },
  seats: { economy: 150, premium: 20, business: 12, first: 4 },
  taken: { economy: 3, premium: 0, business: 1, first: 0 },
  left: { economy: 147, premium: 20, business: 11, first: 4 },
  version: 3,
}
