import type { reservationEvents } from '../../shared/contracts/reservations.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import type { EventsOf, View } from '../projection/view.ts'
import { type ReservationRow, reservationTable } from './reservation.table.ts'

export type ReservationEvent = EventsOf<typeof reservationEvents>

type Projected = Omit<ReservationRow, 'version' | 'revision'>

/** Which reservations are there, whose are they, and how far have they come? */
export const reservationView: View<ReservationRow, ReservationEvent, Projected> = {
  name: 'reservations',
  revision: 1,
  table: reservationTable,
  rowId: ({ subject }) => subject,
  project(before, event) {
    if (event.name === 'ReservationCreated') {
      const { reservation_id: id, created_at, ...reservation } = event.data
      const times = { created_at: new Date(created_at), updated_at: event.time }
      return { id, status: 'PENDING', ...reservation, ...times }
    }
    if (!before)
      throw new Poison('first-event', `${event.name} is no first event of ${event.subject}`)
    const after: Projected = { ...before, updated_at: event.time }
    switch (event.name) {
      case 'ReservationApproved':
        return { ...after, status: 'APPROVED' }
      case 'ReservationPaid':
        return { ...after, status: 'PAID' }
      case 'ReservationCancelled':
        return { ...after, status: 'CANCELLED' }
      case 'ReservationAssigned':
        return { ...after, client_id: event.data.client_id }
      default:
        return event satisfies never
    }
  },
}
