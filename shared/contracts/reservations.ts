import { z } from 'zod'
import { commandsOf, eventsOf } from './contract.ts'
import { airport, flightSeats, seatClasses } from './flights.ts'

const command = commandsOf('reservations')
const event = eventsOf('reservations')

export const reservationStatuses = ['PENDING', 'APPROVED', 'PAID', 'CANCELLED'] as const
export type ReservationStatus = (typeof reservationStatuses)[number]

export const tripTypes = ['ONE_WAY', 'ROUND_TRIP', 'OPEN_JAW'] as const
export type TripType = (typeof tripTypes)[number]

const leg = z.strictObject({
  departure: z.iso.datetime(),
  arrival: z.iso.datetime(),
  origin: airport,
  destination: airport,
  flight_number: z.string().optional(),
})
const segment = z.strictObject({ legs: z.array(leg) })
const odo = z.strictObject({ segments: z.array(segment) })
/** One way of travelling: odos (origin-destination options) of segments of legs. */
export const itinerary = z.strictObject({ odos: z.array(odo) })
export const passenger = z.strictObject({
  type: z.enum(['adult', 'minor', 'infant']),
  class: z.enum(seatClasses),
})

export type Leg = z.output<typeof leg>
export type Itinerary = z.output<typeof itinerary>
export type Passenger = z.output<typeof passenger>

const reservation = { reservation_id: z.uuid() }

/** `itineraries` may be empty here (a neighbour's command names only the user); the HTTP edge asks for one. */
export const CreateReservation = command(
  'CreateReservation',
  z.strictObject({
    ...reservation,
    client_id: z.string().optional(),
    passengers: z.array(passenger).optional(),
    itineraries: z.array(itinerary),
  }),
)
export const ApproveReservation = command('ApproveReservation', z.strictObject(reservation))
export const PayReservation = command(
  'PayReservation',
  z.strictObject({ ...reservation, payment_method: z.string().optional() }),
)
export const CancelReservation = command(
  'CancelReservation',
  z.strictObject({ ...reservation, reason: z.string().optional() }),
)

const ReservationCreated = event(
  'ReservationCreated',
  z.strictObject({
    ...reservation,
    client_id: z.string().nullable(),
    passengers: z.array(passenger),
    itineraries: z.array(itinerary),
    trip_type: z.enum(tripTypes).nullable(),
    route: z.string().nullable(),
    created_at: z.iso.datetime(),
  }),
)
const ReservationApproved = event(
  'ReservationApproved',
  z.strictObject({
    ...reservation,
    /** The seats that it has taken from now on; absent where its legs name no flights. */
    flights: z.array(flightSeats).optional(),
  }),
)
const ReservationPaid = event(
  'ReservationPaid',
  z.strictObject({ ...reservation, payment_method: z.string().nullable() }),
)
const ReservationCancelled = event(
  'ReservationCancelled',
  z.strictObject({ ...reservation, reason: z.string().nullable() }),
)
/** The reservation was linked to a user and belongs to them from now on. */
const ReservationAssigned = event(
  'ReservationAssigned',
  z.strictObject({ ...reservation, client_id: z.string() }),
)

export const reservationCommands = {
  CreateReservation,
  ApproveReservation,
  PayReservation,
  CancelReservation,
} as const

export const reservationEvents = {
  ReservationCreated,
  ReservationApproved,
  ReservationPaid,
  ReservationCancelled,
  ReservationAssigned,
} as const
