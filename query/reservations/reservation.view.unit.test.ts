import { expect, test } from 'bun:test'
import type { ReservationRow } from './reservation.table.ts'
import { type ReservationEvent, reservationView } from './reservation.view.ts'

const id = '01970000-0000-7000-8000-000000000001'
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute))
const happened = (event: Pick<ReservationEvent, 'name' | 'data'>, minute = 5) =>
  ({ id: 'e', subject: id, sequence: 2, time: at(minute), ...event }) as ReservationEvent

const created = happened(
  {
    name: 'ReservationCreated',
    data: {
      reservation_id: id,
      client_id: 'client',
      passengers: [{ type: 'adult', class: 'economy' }],
      itineraries: [{ odos: [] }],
      trip_type: 'ONE_WAY',
      route: 'BOG-JFK',
      created_at: at(0).toISOString(),
    },
  },
  1,
)

const pending: ReservationRow = {
  id,
  client_id: 'client',
  status: 'PENDING',
  itineraries: [{ odos: [] }],
  passengers: [{ type: 'adult', class: 'economy' }],
  trip_type: 'ONE_WAY',
  route: 'BOG-JFK',
  created_at: at(0),
  updated_at: at(1),
  version: 1,
  revision: 1,
}

test('a created reservation is pending, with all that was said of it', () => {
  const { version: _, revision: __, ...row } = pending
  expect(reservationView.project(undefined, created)).toEqual(row)
})

test.each([
  ['ReservationApproved', 'APPROVED'],
  ['ReservationPaid', 'PAID'],
  ['ReservationCancelled', 'CANCELLED'],
] as const)('%s makes it %s and nothing else', (name, status) => {
  const event = happened({ name, data: { reservation_id: id } } as ReservationEvent)
  expect(reservationView.project(pending, event)).toEqual({
    ...pending,
    status,
    updated_at: at(5),
  })
})

test('an assigned reservation belongs to its user', () => {
  const event = happened({
    name: 'ReservationAssigned',
    data: { reservation_id: id, client_id: 'somebody' },
  })
  expect(reservationView.project(pending, event)).toEqual({
    ...pending,
    client_id: 'somebody',
    updated_at: at(5),
  })
})

test('a history that does not begin with the creation is refused', () => {
  const event = happened({ name: 'ReservationApproved', data: { reservation_id: id } })
  expect(() => reservationView.project(undefined, event)).toThrow('no first event')
})
