import {
  flightIdOf,
  flightNumberOf,
  type FlightSeats,
  type SeatClass,
  type SeatCounts,
  seatClasses,
} from '../../shared/contracts/flights.ts'
import type { Itinerary, Passenger } from '../../shared/contracts/reservations.ts'

export const noSeats: SeatCounts = { economy: 0, premium: 0, business: 0, first: 0 }

const each = (count: (kind: SeatClass) => number): SeatCounts => ({
  economy: count('economy'),
  premium: count('premium'),
  business: count('business'),
  first: count('first'),
})

export const plus = (a: SeatCounts, b: SeatCounts): SeatCounts => each((kind) => a[kind] + b[kind])
export const minus = (a: SeatCounts, b: SeatCounts): SeatCounts => each((kind) => a[kind] - b[kind])

/** The classes in which `wanted` is more than there is. */
export const fullClasses = (
  { seats, taken }: { readonly seats: SeatCounts; readonly taken: SeatCounts },
  wanted: SeatCounts,
): readonly SeatClass[] =>
  seatClasses.filter((kind) => wanted[kind] > 0 && taken[kind] + wanted[kind] > seats[kind])

/** Infants sit on somebody's lap. Whoever names no passengers at all travels alone, in economy. */
const seatsFor = (passengers: readonly Passenger[]): SeatCounts =>
  passengers.length === 0
    ? { ...noSeats, economy: 1 }
    : each((kind) => passengers.filter((one) => one.type !== 'infant' && one.class === kind).length)

interface Journey {
  readonly itineraries: readonly Itinerary[]
  readonly passengers: readonly Passenger[]
}

/**
 * The seats that a journey needs, once for each flight that its legs name: who stays on board over a
 * stop keeps the seat. Only the first itinerary counts, since the others are alternatives to it.
 */
export const seatsNeeded = ({ itineraries, passengers }: Journey): readonly FlightSeats[] => {
  const legs = (itineraries[0]?.odos ?? []).flatMap(({ segments }) =>
    segments.flatMap((segment) => segment.legs),
  )
  const numbers = legs.flatMap(({ flight_number }) =>
    flight_number === undefined ? [] : [flightNumberOf(flight_number)],
  )
  const seats = seatsFor(passengers)
  return [...new Set(numbers)].map((flight_number) => ({
    flight_id: flightIdOf(flight_number),
    flight_number,
    seats,
  }))
}
