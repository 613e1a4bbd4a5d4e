import { describe, expect, test } from 'bun:test'
import { flightIdOf } from '../../shared/contracts/flights.ts'
import type { Itinerary, Passenger } from '../../shared/contracts/reservations.ts'
import { given, now, rowsAfter } from '../../tests/support/given.ts'
import { type Happened, happened } from '../../uow/handler.ts'
import { approveReservation } from './approve-reservation.ts'
import { cancelReservation } from './cancel-reservation.ts'
import { flights } from './flight.aggregate.ts'
import { reservations } from './reservation.aggregate.ts'
import { scheduleFlight } from './schedule-flight.ts'
import { noSeats, seatsNeeded } from './seats.ts'

const reservation_id = '0197a000-0000-7000-8000-000000000001'
const target = { reservation_id }
const [bogota, madrid] = ['BOG', 'MAD'].map((code) => ({ code, name: code }))

const leg = (
  flight_number?: string,
): Itinerary['odos'][number]['segments'][number]['legs'][number] => ({
  departure: '2026-05-01T10:00:00Z',
  arrival: '2026-05-01T12:00:00Z',
  origin: bogota!,
  destination: madrid!,
  ...(flight_number === undefined ? {} : { flight_number }),
})
const trip = (...numbers: readonly (string | undefined)[]): Itinerary => ({
  odos: [{ segments: [{ legs: numbers.map(leg) }] }],
})
const reserved = (itineraries: readonly Itinerary[], passengers: readonly Passenger[] = []) =>
  happened(reservations, reservation_id, {
    type: 'ReservationCreated',
    data: {
      reservation_id,
      client_id: null,
      passengers: [...passengers],
      itineraries: [...itineraries],
      trip_type: 'ONE_WAY',
      route: 'BOG-MAD',
      created_at: now.toISOString(),
    },
  })
const flightOf = (flight_number: string, seats: Partial<typeof noSeats>) => ({
  flight_id: flightIdOf(flight_number),
  flight_number,
  departure: '2026-05-01T10:00:00Z',
  origin: bogota!,
  destination: madrid!,
  seats: { ...noSeats, ...seats },
})
const scheduled = (flight_number: string, seats: Partial<typeof noSeats>) =>
  happened(flights, flightIdOf(flight_number), {
    type: 'FlightScheduled',
    data: flightOf(flight_number, seats),
  })
const family: readonly Passenger[] = [
  { type: 'adult', class: 'business' },
  { type: 'minor', class: 'economy' },
  { type: 'infant', class: 'economy' },
]
const approve = (...past: readonly Happened[]) => given(...past).when(approveReservation, target)

describe('scheduling a flight', () => {
  test('offers its seats', () => {
    const flight = flightOf('AV244', { economy: 3 })
    expect(given().when(scheduleFlight, flight).decision).toEqual([
      scheduled('AV244', { economy: 3 }),
    ])
  })
  test('is rejected for a number that is taken, or an id that is not that of the number', () => {
    const flight = flightOf('AV244', { economy: 3 })
    expect(given(scheduled('AV244', {})).when(scheduleFlight, flight).rejected).toBe(
      'flight-exists',
    )
    const wrong = { ...flight, flight_id: reservation_id }
    expect(given().when(scheduleFlight, wrong).rejected).toBe('invalid-request')
  })
})

describe('the seats that a journey needs', () => {
  const needs = (itineraries: readonly Itinerary[], passengers: readonly Passenger[] = []) =>
    seatsNeeded({ itineraries, passengers })

  test('are by class, and none for infants', () => {
    expect(needs([trip('AV244')], family)).toEqual([
      {
        flight_id: flightIdOf('AV244'),
        flight_number: 'AV244',
        seats: { ...noSeats, business: 1, economy: 1 },
      },
    ])
  })
  test('are one in economy where no passengers are named', () => {
    expect(needs([trip('AV244')])).toMatchObject([{ seats: { ...noSeats, economy: 1 } }])
  })
  test('are taken once a flight, however its number is written and however often it lands', () => {
    const numbers = needs([trip('AV244', 'av 244', undefined, 'IB1')])
    expect(numbers.map(({ flight_number }) => flight_number)).toEqual(['AV244', 'IB1'])
  })
  test('are those of the first itinerary: the others are alternatives', () => {
    expect(needs([trip('IB1'), trip('AV244')])).toMatchObject([{ flight_number: 'IB1' }])
    expect(needs([])).toEqual([])
  })
})

describe('approving a reservation with flights', () => {
  test('takes its seats, and says which', () => {
    const { decision, events } = approve(
      scheduled('AV244', { economy: 1, business: 1 }),
      reserved([trip('AV244')], family),
    )
    expect(events).toEqual(['ReservationApproved', 'SeatsTaken'])
    expect(decision).toMatchObject([
      { event: { data: { flights: [{ flight_number: 'AV244' }] } } },
      { id: flightIdOf('AV244'), event: { data: { reservation_id, seats: { business: 1 } } } },
    ])
  })
  test('is rejected where one of its flights is full in one of its classes', () => {
    const past = [scheduled('AV244', { economy: 9 }), scheduled('IB1', { economy: 9, business: 1 })]
    const both = reserved([trip('IB1', 'AV244')], family)
    const { rejected, decision } = approve(...past, both)
    expect(rejected).toBe('no-seats')
    expect(decision).toMatchObject({
      rejected: { detail: expect.stringMatching(/AV244.*business/) },
    })
  })
  test('is rejected where there is no such flight', () => {
    const { decision } = approve(reserved([trip('XX1')]))
    const detail = expect.stringContaining('there is no flight XX1')
    expect(decision).toMatchObject({ rejected: { slug: 'no-seats', detail } })
  })
  test('without flight numbers is as it always was', () => {
    expect(approve(reserved([trip(undefined)], family)).decision).toEqual([
      happened(reservations, reservation_id, {
        type: 'ReservationApproved',
        data: { reservation_id },
      }),
    ])
  })
})

describe('cancelling a reservation with flights', () => {
  const past = [scheduled('AV244', { economy: 1, business: 1 }), reserved([trip('AV244')], family)]
  const approved = approve(...past).decision as readonly Happened[]
  test('gives back what was taken', () => {
    const cancelled = given(...past, ...approved).when(cancelReservation, target)
    expect(cancelled.events).toEqual(['ReservationCancelled', 'SeatsGivenBack'])
    const after = [...past, ...approved, ...(cancelled.decision as readonly Happened[])]
    expect(rowsAfter(after).get(flights, flightIdOf('AV244'))?.taken).toEqual(noSeats)
  })
  test('before its approval gives nothing back', () => {
    expect(given(...past).when(cancelReservation, target).events).toEqual(['ReservationCancelled'])
  })
})
