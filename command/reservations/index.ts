import { flightEvents } from '../../shared/contracts/flights.ts'
import { reservationEvents } from '../../shared/contracts/reservations.ts'
import { asPublished, parsedBy } from '../wiring.ts'
import { approveReservation } from './approve-reservation.ts'
import { assignReservation } from './assign-reservation.ts'
import { cancelReservation } from './cancel-reservation.ts'
import { createReservation } from './create-reservation.ts'
import { payReservation } from './pay-reservation.ts'
import { scheduleFlight } from './schedule-flight.ts'

export { reservations } from './reservation.aggregate.ts'

/** What the module does: its use cases, what it reacts to, and what others get to see of it. */
export const reservationModule = {
  commands: {
    CreateReservation: parsedBy(createReservation),
    ApproveReservation: parsedBy(approveReservation),
    PayReservation: parsedBy(payReservation),
    CancelReservation: parsedBy(cancelReservation),
    ScheduleFlight: parsedBy(scheduleFlight),
  },
  reactions: {
    ReservationAddedToUser: [assignReservation],
  },
  integration: {
    ReservationCreated: asPublished(reservationEvents.ReservationCreated),
    ReservationApproved: asPublished(reservationEvents.ReservationApproved),
    ReservationPaid: asPublished(reservationEvents.ReservationPaid),
    ReservationCancelled: asPublished(reservationEvents.ReservationCancelled),
    ReservationAssigned: asPublished(reservationEvents.ReservationAssigned),
    FlightScheduled: asPublished(flightEvents.FlightScheduled),
    SeatsTaken: asPublished(flightEvents.SeatsTaken),
    SeatsGivenBack: asPublished(flightEvents.SeatsGivenBack),
  },
} as const
