import type { DataOf } from '../../shared/contracts/contract.ts'
import type { reservationEvents } from '../../shared/contracts/reservations.ts'
import { aggregate, type EventPlace } from '../../uow/aggregate.ts'
import { lockRank } from '../write-schema.ts'
import { reservationTable } from './reservation.table.ts'

type Contracts = typeof reservationEvents

export type ReservationEvent = {
  [Name in keyof Contracts]: { readonly type: Name; readonly data: DataOf<Contracts[Name]> }
}[keyof Contracts]

export type Reservation = Readonly<typeof reservationTable.$inferSelect>

const evolveReservation = (
  before: Reservation | undefined,
  { type, data }: ReservationEvent,
  { id, now }: EventPlace,
): Omit<Reservation, 'version'> => {
  if (type === 'ReservationCreated') {
    const { client_id, passengers, itineraries, trip_type } = data
    const times = { created_at: now, updated_at: now }
    const journey = { client_id, passengers, itineraries, trip_type }
    return { id, status: 'PENDING', ...journey, flights: null, ...times }
  }
  if (!before) throw new Error(`${type} before ReservationCreated of ${id}`)
  const after = { ...before, updated_at: now }
  switch (type) {
    case 'ReservationApproved':
      return { ...after, status: 'APPROVED', flights: data.flights ?? null }
    case 'ReservationPaid':
      return { ...after, status: 'PAID' }
    case 'ReservationCancelled':
      return { ...after, status: 'CANCELLED', flights: null }
    case 'ReservationAssigned':
      return { ...after, client_id: data.client_id }
    default:
      return data satisfies never
  }
}

export const reservations = aggregate<Reservation, ReservationEvent>({
  name: 'reservations',
  rank: lockRank.reservations,
  table: reservationTable,
  evolve: evolveReservation,
})
