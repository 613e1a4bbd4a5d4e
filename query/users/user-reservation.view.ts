import { derivedId } from '../../shared/kernel/ids.ts'
import type { View } from '../projection/view.ts'
import type { UserEvent } from './user.event.ts'
import { type UserReservationRow, userReservationTable } from './user.table.ts'

/** Which reservations were linked to a user? Tells a reader whether the other topic has caught up. */
export const userReservationView: View<UserReservationRow, UserEvent> = {
  name: 'user_reservations',
  revision: 1,
  table: userReservationTable,
  rowId: (event) =>
    event.name === 'ReservationAddedToUser'
      ? derivedId(event.data.user_id, event.data.reservation_id)
      : undefined,
  project(before, event) {
    if (event.name !== 'ReservationAddedToUser') return before
    const { user_id, reservation_id } = event.data
    const id = derivedId(user_id, reservation_id)
    return { id, user_id, reservation_id, linked_at: before?.linked_at ?? event.time }
  },
}
