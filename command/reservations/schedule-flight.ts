import type { DataOf } from '../../shared/contracts/contract.ts'
import { flightIdOf, ScheduleFlight } from '../../shared/contracts/flights.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { flights } from './flight.aggregate.ts'

export const scheduleFlight = handler<DataOf<typeof ScheduleFlight>>({
  contract: ScheduleFlight,
  locks: ({ flight_id }) => [lock(flights, flight_id)],
  decide(command, rows) {
    const { flight_id, flight_number } = command
    if (rows.get(flights, flight_id))
      return rejected('flight-exists', `there is a flight ${flight_number} already`)
    if (flight_id !== flightIdOf(flight_number))
      return rejected('invalid-request', `/flight_id: it is not that of flight ${flight_number}`)
    return [happened(flights, flight_id, { type: 'FlightScheduled', data: command })]
  },
})
