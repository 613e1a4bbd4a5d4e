import type { ReservationStatus } from '../../shared/contracts/reservations.ts'
import {
  type Decision,
  type DecisionContext,
  happened,
  rejected,
  type Rows,
} from '../../uow/handler.ts'
import { type ReservationEvent, reservations } from './reservation.aggregate.ts'
import { isTheirs, mayBecome } from './rules.ts'

interface Step {
  readonly id: string
  readonly to: ReservationStatus
  readonly event: ReservationEvent
}

/**
 * What approving, paying and cancelling have in common: the reservation exists, is the sender's own or
 * nobody's, and the step is allowed.
 */
export const transition = (
  rows: Rows,
  { sender }: DecisionContext,
  { id, to, event }: Step,
): Decision => {
  const reservation = rows.get(reservations, id)
  if (!reservation || !isTheirs(sender, reservation.client_id))
    return rejected('not-found', `there is no reservation ${id}`)
  if (!mayBecome(reservation.status, to))
    return rejected(
      'invalid-transition',
      `reservation ${id} is ${reservation.status} and cannot become ${to}`,
    )
  return [happened(reservations, id, event)]
}
