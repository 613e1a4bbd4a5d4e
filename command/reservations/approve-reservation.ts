import type { DataOf } from '../../shared/contracts/contract.ts'
import type { FlightSeats } from '../../shared/contracts/flights.ts'
import { ApproveReservation } from '../../shared/contracts/reservations.ts'
import { handler, happened, lock, rejected, type Rows } from '../../uow/handler.ts'
import { flights } from './flight.aggregate.ts'
import { type Reservation, reservations } from './reservation.aggregate.ts'
import { fullClasses, seatsNeeded } from './seats.ts'
import { transition } from './transition.ts'

/** Takes the seats of the flights that the reservation names, on all of them or on none. */
export const approveReservation = handler<DataOf<typeof ApproveReservation>>({
  contract: ApproveReservation,
  locks: ({ reservation_id }) => [lock(reservations, reservation_id)],
  alsoLocks: ({ reservation_id }, rows) =>
    flightsOf(rows.get(reservations, reservation_id)).map(({ flight_id }) =>
      lock(flights, flight_id),
    ),
  decide({ reservation_id }, rows, context) {
    const wanted = flightsOf(rows.get(reservations, reservation_id))
    const data = { reservation_id, ...(wanted.length > 0 ? { flights: [...wanted] } : {}) }
    const approval = transition(rows, context, {
      id: reservation_id,
      to: 'APPROVED',
      event: { type: 'ReservationApproved', data },
    })
    if ('rejected' in approval) return approval
    const [lack] = wanted.flatMap((seats) => lackOn(rows, seats))
    if (lack !== undefined) return rejected('no-seats', lack)
    const taken = wanted.map(({ flight_id, seats }) =>
      happened(flights, flight_id, {
        type: 'SeatsTaken',
        data: { flight_id, reservation_id, seats },
      }),
    )
    return [...approval, ...taken]
  },
})

/** Only what waits for its approval needs seats: nothing is locked in vain. */
const flightsOf = (reservation: Reservation | undefined): readonly FlightSeats[] =>
  reservation?.status === 'PENDING' ? seatsNeeded(reservation) : []

const lackOn = (rows: Rows, { flight_id, flight_number, seats }: FlightSeats) => {
  const flight = rows.get(flights, flight_id)
  if (!flight) return [`there is no flight ${flight_number}, so there are no seats on it`]
  const full = fullClasses(flight, seats)
  return full.length > 0
    ? [`flight ${flight_number} has too few seats left in ${full.join(', ')}`]
    : []
}
