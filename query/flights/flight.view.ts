import { flightEvents, type SeatCounts } from '../../shared/contracts/flights.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import type { EventsOf, Stream, View } from '../projection/view.ts'
import { type FlightRow, flightTable } from './flight.table.ts'

export type FlightEvent = EventsOf<typeof flightEvents>

type Projected = Omit<FlightRow, 'version' | 'revision'>

const none: SeatCounts = { economy: 0, premium: 0, business: 0, first: 0 }

/** Which flights are there, and how many of their seats are taken? */
const flightView: View<FlightRow, FlightEvent, Projected> = {
  name: 'flights',
  revision: 1,
  table: flightTable,
  rowId: ({ subject }) => subject,
  project(before, event) {
    if (event.name === 'FlightScheduled') {
      const { flight_id: id, departure, ...flight } = event.data
      return { id, ...flight, departure: new Date(departure), taken: none }
    }
    if (!before)
      throw new Poison('first-event', `${event.name} is no first event of ${event.subject}`)
    switch (event.name) {
      case 'SeatsTaken':
        return { ...before, taken: moved(before.taken, event.data.seats, 1) }
      case 'SeatsGivenBack':
        return { ...before, taken: moved(before.taken, event.data.seats, -1) }
      default:
        return event satisfies never
    }
  },
}

const moved = (taken: SeatCounts, seats: SeatCounts, by: 1 | -1): SeatCounts => ({
  economy: taken.economy + by * seats.economy,
  premium: taken.premium + by * seats.premium,
  business: taken.business + by * seats.business,
  first: taken.first + by * seats.first,
})

export const flightStream: Stream<FlightEvent> = {
  module: 'reservations',
  contracts: flightEvents,
  head: flightView,
  links: [],
}
