import type { Sender } from '../../uow/handler.ts'
import type { Itinerary, ReservationStatus, TripType } from '../../shared/contracts/reservations.ts'

const mayFollow: Readonly<Record<ReservationStatus, readonly ReservationStatus[]>> = {
  PENDING: ['APPROVED', 'CANCELLED'],
  APPROVED: ['PAID', 'CANCELLED'],
  PAID: ['CANCELLED'],
  CANCELLED: [],
}

export const mayBecome = (from: ReservationStatus, to: ReservationStatus): boolean =>
  mayFollow[from].includes(to)

/** Everybody's where callers need no token; an agent's always. */
export const isTheirs = (sender: Sender | undefined, clientId: string | null): boolean =>
  !sender || sender.agent || clientId === null || clientId === sender.id

/** Origin and destination of each odo of an itinerary, by airport code. */
const ends = (itinerary: Itinerary) =>
  itinerary.odos.flatMap(({ segments }) => {
    const legs = segments.flatMap((segment) => segment.legs)
    const [first, last] = [legs.at(0), legs.at(-1)]
    return first && last ? [{ origin: first.origin.code, destination: last.destination.code }] : []
  })

/** Of the first itinerary; the others are alternatives to it. */
export const tripTypeOf = (itineraries: readonly Itinerary[]): TripType | null => {
  const odos = itineraries[0] ? ends(itineraries[0]) : []
  if (odos.length === 0) return null
  if (odos.length === 1) return 'ONE_WAY'
  return odos.at(0)?.origin === odos.at(-1)?.destination ? 'ROUND_TRIP' : 'OPEN_JAW'
}

/** `BOG-JFK`: where the first odo of the first itinerary goes. */
export const routeOf = (itineraries: readonly Itinerary[]): string | null => {
  const outward = itineraries[0] && ends(itineraries[0]).at(0)
  return outward ? `${outward.origin}-${outward.destination}` : null
}
