import { reservationEvents } from '../../shared/contracts/reservations.ts'
import type { Stream } from '../projection/view.ts'
import { type ReservationEvent, reservationView } from './reservation.view.ts'

export const reservationStream: Stream<ReservationEvent> = {
  module: 'reservations',
  contracts: reservationEvents,
  head: reservationView,
  links: [],
}
