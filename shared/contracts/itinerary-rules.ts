import type { Fault } from '../kernel/fates.ts'
import type { Itinerary, Leg, Passenger } from './reservations.ts'

/**
 * What makes an itinerary one that can be flown. Pure: each rule answers the places where it is
 * broken, none when it holds. Pointers (RFC 6901) start at the command's data.
 */
type ItineraryRule = (itineraries: readonly Itinerary[]) => readonly Fault[]

/** Asked for by the HTTP edges; a neighbour's command may come without any (see CreateReservation). */
export const minimumOneItinerary: ItineraryRule = (itineraries) =>
  itineraries.length > 0
    ? []
    : [{ pointer: '/itineraries', detail: 'a reservation needs at least one itinerary' }]

/** Nothing is empty on the way down: itinerary, odo, segment, leg. */
export const completeItineraries: ItineraryRule = (itineraries) =>
  itineraries.flatMap(({ odos }, i) => {
    const at = `/itineraries/${i}/odos`
    if (odos.length === 0) return [{ pointer: at, detail: 'an itinerary needs at least one odo' }]
    return odos.flatMap(({ segments }, o) => emptyInOdo(segments, `${at}/${o}/segments`))
  })

const emptyInOdo = (segments: Itinerary['odos'][number]['segments'], at: string): Fault[] => {
  if (segments.length === 0) return [{ pointer: at, detail: 'an odo needs at least one segment' }]
  return segments.flatMap(({ legs }, s) =>
    legs.length > 0
      ? []
      : [{ pointer: `${at}/${s}/legs`, detail: 'a segment needs at least one leg' }],
  )
}

/** Origin differs from destination, of each leg and of each odo as a whole. */
export const validRoute: ItineraryRule = (itineraries) => [
  ...placedLegs(itineraries)
    .filter(({ leg }) => sameAirport(leg.origin, leg.destination))
    .map(({ pointer, leg }) => ({
      pointer: `${pointer}/destination/code`,
      detail: `origin and destination are both ${leg.origin.code}`,
    })),
  ...placedOdos(itineraries)
    .filter(({ legs }) => legs.length > 1 && endsWhereItBegan(legs))
    .map(({ pointer, legs }) => ({
      pointer,
      detail: `the odo ends in ${legs[0]?.leg.origin.code}, where it began`,
    })),
]

/** No leg lands before it takes off. */
export const arrivalAfterDeparture: ItineraryRule = (itineraries) =>
  placedLegs(itineraries)
    .filter(({ leg }) => Date.parse(leg.arrival) < Date.parse(leg.departure))
    .map(({ pointer, leg }) => ({
      pointer: `${pointer}/arrival`,
      detail: `arrival ${leg.arrival} is before departure ${leg.departure}`,
    }))

/** Within an odo each leg departs from where the last one arrived, and not before it landed. */
export const legsJoinUp: ItineraryRule = (itineraries) =>
  placedOdos(itineraries).flatMap(({ legs }) =>
    legs.slice(1).flatMap((next, i) => joint(legs[i]?.leg, next)),
  )

const joint = (last: Leg | undefined, { pointer, leg }: PlacedLeg): readonly Fault[] => {
  if (!last) return []
  const faults: Fault[] = []
  if (!sameAirport(last.destination, leg.origin))
    faults.push({
      pointer: `${pointer}/origin/code`,
      detail: `the leg before arrives in ${last.destination.code}, this one departs from ${leg.origin.code}`,
    })
  if (Date.parse(leg.departure) < Date.parse(last.arrival))
    faults.push({
      pointer: `${pointer}/departure`,
      detail: `departs at ${leg.departure}, before the leg before has landed at ${last.arrival}`,
    })
  return faults
}

/** Where passengers are named, one of them is an adult. */
export const minimumOneAdult = (passengers: readonly Passenger[]): readonly Fault[] =>
  passengers.length === 0 || passengers.some(({ type }) => type === 'adult')
    ? []
    : [{ pointer: '/passengers', detail: 'at least one of the passengers has to be an adult' }]

/** What holds wherever a reservation comes from: every rule but `minimumOneItinerary`. */
export const itineraryFaults = (
  itineraries: readonly Itinerary[],
  passengers: readonly Passenger[] = [],
): readonly Fault[] => [
  ...completeItineraries(itineraries),
  ...validRoute(itineraries),
  ...arrivalAfterDeparture(itineraries),
  ...legsJoinUp(itineraries),
  ...minimumOneAdult(passengers),
]

interface PlacedLeg {
  readonly pointer: string
  readonly leg: Leg
}

const placedOdos = (itineraries: readonly Itinerary[]) =>
  itineraries.flatMap(({ odos }, i) =>
    odos.map(({ segments }, o) => {
      const pointer = `/itineraries/${i}/odos/${o}`
      const legs: PlacedLeg[] = segments.flatMap((segment, s) =>
        segment.legs.map((leg, l) => ({ pointer: `${pointer}/segments/${s}/legs/${l}`, leg })),
      )
      return { pointer, legs }
    }),
  )

const placedLegs = (itineraries: readonly Itinerary[]) =>
  placedOdos(itineraries).flatMap(({ legs }) => legs)

const endsWhereItBegan = (legs: readonly PlacedLeg[]) => {
  const [first, last] = [legs.at(0)?.leg, legs.at(-1)?.leg]
  return first !== undefined && last !== undefined && sameAirport(first.origin, last.destination)
}

/** `bog` is `BOG`. */
export const sameAirport = (one: Leg['origin'], other: Leg['origin']): boolean =>
  one.code.trim().toUpperCase() === other.code.trim().toUpperCase()
