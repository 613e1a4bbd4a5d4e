import type { DataOf } from '../../shared/contracts/contract.ts'
import { CancelReservation } from '../../shared/contracts/reservations.ts'
import { handler, happened, lock } from '../../uow/handler.ts'
import { flights } from './flight.aggregate.ts'
import { reservations } from './reservation.aggregate.ts'
import { transition } from './transition.ts'

/** Gives back the seats that the approval has taken. */
export const cancelReservation = handler<DataOf<typeof CancelReservation>>({
  contract: CancelReservation,
  locks: ({ reservation_id }) => [lock(reservations, reservation_id)],
  alsoLocks: ({ reservation_id }, rows) =>
    (rows.get(reservations, reservation_id)?.flights ?? []).map(({ flight_id }) =>
      lock(flights, flight_id),
    ),
  decide({ reservation_id, reason = null }, rows, context) {
    const held = rows.get(reservations, reservation_id)?.flights ?? []
    const cancelled = transition(rows, context, {
      id: reservation_id,
      to: 'CANCELLED',
      event: { type: 'ReservationCancelled', data: { reservation_id, reason } },
    })
    if ('rejected' in cancelled) return cancelled
    const givenBack = held.map(({ flight_id, seats }) =>
      happened(flights, flight_id, {
        type: 'SeatsGivenBack',
        data: { flight_id, reservation_id, seats },
      }),
    )
    return [...cancelled, ...givenBack]
  },
})
