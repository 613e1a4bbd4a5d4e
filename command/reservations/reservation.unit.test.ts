import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Itinerary, ReservationStatus } from '../../shared/contracts/reservations.ts'
import { given, isRejection, now, rowsAfter } from '../../tests/support/given.ts'
import { type CommandHandler, type Happened, happened, type Sender } from '../../uow/handler.ts'
import { approveReservation } from './approve-reservation.ts'
import { assignReservation } from './assign-reservation.ts'
import { cancelReservation } from './cancel-reservation.ts'
import { createReservation } from './create-reservation.ts'
import { payReservation } from './pay-reservation.ts'
import { type ReservationEvent, reservations } from './reservation.aggregate.ts'
import { routeOf, tripTypeOf } from './rules.ts'

const id = '0197a000-0000-7000-8000-000000000001'
const userId = '0197a000-0000-7000-8000-000000000002'

const trip = (...stops: readonly (readonly [string, string])[]): Itinerary => ({
  odos: stops.map(([origin, destination], day) => ({
    segments: [
      {
        legs: [
          {
            departure: `2026-05-0${day + 1}T10:00:00Z`,
            arrival: `2026-05-0${day + 1}T12:00:00Z`,
            origin: { code: origin, name: origin },
            destination: { code: destination, name: destination },
          },
        ],
      },
    ],
  })),
})

const was = (event: ReservationEvent) => happened(reservations, id, event)
const created = was({
  type: 'ReservationCreated',
  data: {
    reservation_id: id,
    client_id: null,
    passengers: [],
    itineraries: [trip(['BOG', 'JFK'])],
    trip_type: 'ONE_WAY',
    route: 'BOG-JFK',
    created_at: now.toISOString(),
  },
})
const approved = was({ type: 'ReservationApproved', data: { reservation_id: id } })
const paid = was({ type: 'ReservationPaid', data: { reservation_id: id, payment_method: null } })
const cancelled = was({ type: 'ReservationCancelled', data: { reservation_id: id, reason: null } })

describe('creating a reservation', () => {
  const command = { reservation_id: id, itineraries: [trip(['BOG', 'JFK'])] }

  test('tells who, where and what kind of trip', () => {
    expect(given().when(createReservation, command).decision).toEqual([created])
  })
  test('needs no itinerary when a neighbour asks for it', () => {
    const { decision } = given().when(createReservation, { ...command, itineraries: [] })
    expect(decision).toMatchObject([{ event: { data: { route: null, trip_type: null } } }])
  })
  test('is rejected for an id that is taken', () => {
    expect(given(created).when(createReservation, command).rejected).toBe('reservation-exists')
  })
  test('is rejected when a leg goes nowhere, whoever sent it', () => {
    const nowhere = { ...command, itineraries: [trip(['BOG', 'BOG'])] }
    expect(given().when(createReservation, nowhere).rejected).toBe('invalid-request')
  })
})

describe('the life of a reservation', () => {
  const target = { reservation_id: id }
  test('pending, approved, paid, cancelled', () => {
    expect(given(created).when(approveReservation, target).events).toEqual(['ReservationApproved'])
    expect(given(created, approved).when(payReservation, target).events).toEqual([
      'ReservationPaid',
    ])
    expect(given(created, approved, paid).when(cancelReservation, target).events).toEqual([
      'ReservationCancelled',
    ])
  })
  test('is not paid before it is approved, nor approved twice, nor changed once cancelled', () => {
    expect(given(created).when(payReservation, target).rejected).toBe('invalid-transition')
    expect(given(created, approved).when(approveReservation, target).rejected).toBe(
      'invalid-transition',
    )
    for (const step of [approveReservation, payReservation, cancelReservation])
      expect(given(created, cancelled).when(step, target).rejected).toBe('invalid-transition')
  })
  test('of one that does not exist is rejected as not found', () => {
    for (const step of [approveReservation, payReservation, cancelReservation])
      expect(given().when(step, target).rejected).toBe('not-found')
  })
  test("is its client's and an agent's to change, and looks absent to anybody else", () => {
    const assigned = was({
      type: 'ReservationAssigned',
      data: { reservation_id: id, client_id: userId },
    })
    const by = (sender: Sender) =>
      given(created, assigned).by(sender).when(cancelReservation, target)
    expect(by({ id: userId, agent: false }).events).toEqual(['ReservationCancelled'])
    expect(by({ id: 'an agent', agent: true }).events).toEqual(['ReservationCancelled'])
    expect(by({ id: 'somebody', agent: false }).rejected).toBe('not-found')
  })
  test('whatever is asked in whatever order, only allowed steps are taken', () => {
    const allowed: Record<ReservationStatus, readonly string[]> = {
      PENDING: ['PENDING', 'APPROVED', 'CANCELLED'],
      APPROVED: ['APPROVED', 'PAID', 'CANCELLED'],
      PAID: ['PAID', 'CANCELLED'],
      CANCELLED: ['CANCELLED'],
    }
    const step = fc.constantFrom<CommandHandler<typeof target>>(
      approveReservation,
      payReservation,
      cancelReservation,
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let past: readonly Happened[] = [created]
        for (const handler of steps) {
          const before = statusAfter(past)
          const { decision } = given(...past).when(handler, target)
          if (!isRejection(decision)) past = [...past, ...decision]
          expect(allowed[before]).toContain(statusAfter(past))
        }
      }),
    )
  })
})

const statusAfter = (past: readonly Happened[]) => rowsAfter(past).get(reservations, id)!.status

describe('a reservation that is added to a user', () => {
  const event = {
    type: 'ReservationAddedToUser',
    data: { user_id: userId, reservation_id: id },
  } as const

  test('belongs to them', () => {
    const events = assignReservation(event, { id: userId, rows: rowsAfter([created]), now })
    expect(rowsAfter([created, ...events]).get(reservations, id)?.client_id).toBe(userId)
  })
  test('stays as it is when it is theirs already', () => {
    const rows = rowsAfter([
      created,
      was({ type: 'ReservationAssigned', data: { reservation_id: id, client_id: userId } }),
    ])
    expect(assignReservation(event, { id: userId, rows, now })).toEqual([])
  })
})

describe('trip type and route', () => {
  test('one odo is one way, back to the start a round trip, anything else an open jaw', () => {
    expect(tripTypeOf([trip(['BOG', 'JFK'])])).toBe('ONE_WAY')
    expect(tripTypeOf([trip(['BOG', 'JFK'], ['JFK', 'BOG'])])).toBe('ROUND_TRIP')
    expect(tripTypeOf([trip(['BOG', 'JFK'], ['BOS', 'MDE'])])).toBe('OPEN_JAW')
    expect(tripTypeOf([])).toBeNull()
  })
  test('the route is where the first odo goes', () => {
    expect(routeOf([trip(['BOG', 'JFK'], ['JFK', 'BOG'])])).toBe('BOG-JFK')
    expect(routeOf([])).toBeNull()
  })
})
