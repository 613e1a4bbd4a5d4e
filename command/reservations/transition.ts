import type { ReservationStatus } from '../../shared/contracts/reservations.ts'
import { type Decision, happened, rejected, type Rows } from '../../uow/handler.ts'
import { type ReservationEvent, reservations } from './reservation.aggregate.ts'
import { mayBecome } from './rules.ts'

/** What approving, paying and cancelling have in common: the reservation exists and the step is allowed. */
export const transition = (
  rows: Rows,
  id: string,
  to: ReservationStatus,
  event: ReservationEvent,
): Decision => {
  const reservation = rows.get(reservations, id)
  if (!reservation) return rejected('not-found', `there is no reservation ${id}`)
  if (!mayBecome(reservation.status, to))
    return rejected(
      'invalid-transition',
      `reservation ${id} is ${reservation.status} and cannot become ${to}`,
    )
  return [happened(reservations, id, event)]
}
