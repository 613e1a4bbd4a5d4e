import type { DataOf } from '../../shared/contracts/contract.ts'
import { PayReservation } from '../../shared/contracts/reservations.ts'
import { handler, lock } from '../../uow/handler.ts'
import { reservations } from './reservation.aggregate.ts'
import { transition } from './transition.ts'

export const payReservation = handler<DataOf<typeof PayReservation>>({
  contract: PayReservation,
  locks: ({ reservation_id }) => [lock(reservations, reservation_id)],
  decide: ({ reservation_id, payment_method = null }, rows, context) =>
    transition(rows, context, {
      id: reservation_id,
      to: 'PAID',
      event: { type: 'ReservationPaid', data: { reservation_id, payment_method } },
    }),
})
