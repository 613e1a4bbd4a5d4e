import type { DataOf } from '../../shared/contracts/contract.ts'
import type { ReservationAddedToUser } from '../../shared/contracts/users.ts'
import { type DomainEventHandler, happened } from '../../uow/handler.ts'
import { reservations } from './reservation.aggregate.ts'

/** A reservation that was added to a user belongs to them from then on. */
export const assignReservation: DomainEventHandler<{
  type: 'ReservationAddedToUser'
  data: DataOf<typeof ReservationAddedToUser>
}> = ({ data: { reservation_id, user_id } }, { rows }) =>
  rows.get(reservations, reservation_id)?.client_id === user_id
    ? []
    : [
        happened(reservations, reservation_id, {
          type: 'ReservationAssigned',
          data: { reservation_id, client_id: user_id },
        }),
      ]
