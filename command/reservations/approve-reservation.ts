import type { DataOf } from '../../shared/contracts/contract.ts'
import { ApproveReservation } from '../../shared/contracts/reservations.ts'
import { handler, lock } from '../../uow/handler.ts'
import { reservations } from './reservation.aggregate.ts'
import { transition } from './transition.ts'

export const approveReservation = handler<DataOf<typeof ApproveReservation>>({
  contract: ApproveReservation,
  locks: ({ reservation_id }) => [lock(reservations, reservation_id)],
  decide: ({ reservation_id }, rows, context) =>
    transition(rows, context, {
      id: reservation_id,
      to: 'APPROVED',
      event: { type: 'ReservationApproved', data: { reservation_id } },
    }),
})
