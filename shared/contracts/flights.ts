import { z } from 'zod'
import { derivedId } from '../kernel/ids.ts'
import { commandsOf, eventsOf } from './contract.ts'

// Flights belong to the reservations: their commands and events travel on the same topics.
const command = commandsOf('reservations')
const event = eventsOf('reservations')

export const seatClasses = ['economy', 'premium', 'business', 'first'] as const
export type SeatClass = (typeof seatClasses)[number]

const seat = z.number().int().nonnegative()
/** A number of seats in each class. */
export const seatCounts = z.strictObject({
  economy: seat,
  premium: seat,
  business: seat,
  first: seat,
})
export type SeatCounts = Readonly<z.output<typeof seatCounts>>

export const airport = z.strictObject({ code: z.string(), name: z.string() })
export type Airport = Readonly<z.output<typeof airport>>

/** Seats of one flight. */
export const flightSeats = z.strictObject({
  flight_id: z.uuid(),
  flight_number: z.string(),
  seats: seatCounts,
})
export type FlightSeats = Readonly<z.output<typeof flightSeats>>

const flight = {
  flight_id: z.uuid(),
  flight_number: z.string(),
  departure: z.iso.datetime(),
  origin: airport,
  destination: airport,
  seats: seatCounts,
}

/** `av 244` and `AV244` are one flight. */
export const flightNumberOf = (text: string): string => text.replaceAll(/\s+/g, '').toUpperCase()

/** A flight is known by its number, so that whoever reads the number knows the id. */
export const flightIdOf = (flightNumber: string): string =>
  derivedId('flight', flightNumberOf(flightNumber))

export const ScheduleFlight = command('ScheduleFlight', z.strictObject(flight))

const FlightScheduled = event('FlightScheduled', z.strictObject(flight))
const taking = { flight_id: z.uuid(), reservation_id: z.uuid(), seats: seatCounts }
const SeatsTaken = event('SeatsTaken', z.strictObject(taking))
const SeatsGivenBack = event('SeatsGivenBack', z.strictObject(taking))

export const flightCommands = { ScheduleFlight } as const
export const flightEvents = { FlightScheduled, SeatsTaken, SeatsGivenBack } as const
