import type { DataOf } from '../../shared/contracts/contract.ts'
import { CancelReservation } from '../../shared/contracts/reservations.ts'
import { handler, lock } from '../../uow/handler.ts'
import { reservations } from './reservation.aggregate.ts'
import { transition } from './transition.ts'

export const cancelReservation = handler<DataOf<typeof CancelReservation>>({
  contract: CancelReservation,
  locks: ({ reservation_id }) => [lock(reservations, reservation_id)],
  decide: ({ reservation_id, reason = null }, rows, context) =>
    transition(rows, context, {
      id: reservation_id,
      to: 'CANCELLED',
      event: { type: 'ReservationCancelled', data: { reservation_id, reason } },
    }),
})
