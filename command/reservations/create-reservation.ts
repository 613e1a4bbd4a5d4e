import type { DataOf } from '../../shared/contracts/contract.ts'
import { itineraryFaults } from '../../shared/contracts/itinerary-rules.ts'
import { CreateReservation } from '../../shared/contracts/reservations.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { reservations } from './reservation.aggregate.ts'
import { routeOf, tripTypeOf } from './rules.ts'

export const createReservation = handler<DataOf<typeof CreateReservation>>({
  contract: CreateReservation,
  locks: ({ reservation_id }) => [lock(reservations, reservation_id)],
  decide(command, rows, { now }) {
    const { reservation_id, client_id = null, passengers = [], itineraries } = command
    if (rows.get(reservations, reservation_id))
      return rejected('reservation-exists', `there is a reservation ${reservation_id} already`)
    const [fault] = itineraryFaults(itineraries, passengers)
    if (fault) return rejected('invalid-request', `${fault.pointer}: ${fault.detail}`)
    const data = {
      reservation_id,
      client_id,
      passengers,
      itineraries,
      trip_type: tripTypeOf(itineraries),
      route: routeOf(itineraries),
      created_at: now.toISOString(),
    }
    return [happened(reservations, reservation_id, { type: 'ReservationCreated', data })]
  },
})
