import type { DataOf } from '../../shared/contracts/contract.ts'
import type { flightEvents } from '../../shared/contracts/flights.ts'
import { aggregate, type EventPlace } from '../../uow/aggregate.ts'
import { lockRank } from '../write-schema.ts'
import { flightTable } from './flight.table.ts'
import { minus, noSeats, plus } from './seats.ts'

type Contracts = typeof flightEvents

export type FlightEvent = {
  [Name in keyof Contracts]: { readonly type: Name; readonly data: DataOf<Contracts[Name]> }
}[keyof Contracts]

export type Flight = Readonly<typeof flightTable.$inferSelect>

const evolveFlight = (
  before: Flight | undefined,
  { type, data }: FlightEvent,
  { id }: EventPlace,
): Omit<Flight, 'version'> => {
  if (type === 'FlightScheduled') {
    const { flight_id: _, departure, ...flight } = data
    return { id, departure: new Date(departure), taken: noSeats, ...flight }
  }
  if (!before) throw new Error(`${type} before FlightScheduled of ${id}`)
  switch (type) {
    case 'SeatsTaken':
      return { ...before, taken: plus(before.taken, data.seats) }
    case 'SeatsGivenBack':
      return { ...before, taken: minus(before.taken, data.seats) }
    default:
      return data satisfies never
  }
}

/** How many seats a flight has, and how many of them are taken. */
export const flights = aggregate<Flight, FlightEvent>({
  name: 'flights',
  rank: lockRank.flights,
  table: flightTable,
  evolve: evolveFlight,
})
