import { z } from 'zod'
import { flightNumberOf } from '../../shared/contracts/flights.ts'
import { sameAirport } from '../../shared/contracts/itinerary-rules.ts'
import { instant, words } from '../fields.ts'
import { airportBody } from './bodies.ts'

const seats = z.number().int().min(0).max(1000).default(0)
/** A code alone will do: `"BOG"`. */
const airport = z.union([airportBody, words(10).transform((code) => ({ code, name: code }))])

export const scheduleFlightBody = z
  .strictObject({
    flight_number: words(20).overwrite(flightNumberOf),
    departure: instant(),
    origin: airport,
    destination: airport,
    seats: z.strictObject({ economy: seats, premium: seats, business: seats, first: seats }),
  })
  .refine(({ origin, destination }) => !sameAirport(origin, destination), {
    path: ['destination'],
    message: 'must be another airport than the origin',
  })

export const exampleFlight = {
  flight_number: 'AV244',
  departure: '2022-11-22T13:10:00Z',
  origin: { code: 'BOG', name: 'El Dorado' },
  destination: { code: 'JFK', name: 'John F. Kennedy' },
  seats: { economy: 150, premium: 20, business: 12, first: 4 },
} satisfies z.input<typeof scheduleFlightBody>
