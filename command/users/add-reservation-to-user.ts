import type { DataOf } from '../../shared/contracts/contract.ts'
import { AddReservationToUser } from '../../shared/contracts/users.ts'
import type { Aggregate, AggregateRow, DomainEvent } from '../../uow/aggregate.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { users } from './user.aggregate.ts'

/** What this module needs to see of another one's row. */
export type ReservationRow = AggregateRow & { readonly client_id: string | null }

/** Locks user and reservation in one transaction; the reservation's own module reacts to the event. */
export const addReservationToUser = <Row extends ReservationRow, Event extends DomainEvent>(
  reservations: Aggregate<Row, Event>,
) =>
  handler<DataOf<typeof AddReservationToUser>>({
    contract: AddReservationToUser,
    locks: ({ user_id, reservation_id }) => [
      lock(users, user_id),
      lock(reservations, reservation_id),
    ],
    decide({ user_id, reservation_id }, rows) {
      const user = rows.get(users, user_id)
      if (!user || user.status === 'DEACTIVATED')
        return rejected('not-found', `there is no active user ${user_id}`)
      const reservation = rows.get(reservations, reservation_id)
      if (!reservation || (reservation.client_id ?? user_id) !== user_id)
        return rejected(
          'not-found',
          `there is no reservation ${reservation_id} of this user or of nobody`,
        )
      if (reservation.client_id === user_id) return []
      const data = { user_id, reservation_id }
      return [happened(users, user_id, { type: 'ReservationAddedToUser', data })]
    },
  })
