import { flightIdOf } from '../../shared/contracts/flights.ts'
import type { Route } from '../../shared/http/route.ts'
import { agentsOnly } from '../agents-only.ts'
import { commandRoute } from '../command-route.ts'
import type { SendCommand } from '../submission.ts'
import { exampleFlight, scheduleFlightBody } from './flight.bodies.ts'

/** What can be asked of the write side about flights. */
export const flightRoutes = (send: SendCommand): readonly Route[] => [
  commandRoute({
    path: '/flights',
    operationId: 'scheduleFlight',
    summary: 'Offer the seats of a flight',
    description:
      'Approving a reservation whose legs name the flight takes seats from it. The receipt is rejected with `flight-exists`. Agents only.',
    tags: ['flights'],
    body: { schema: scheduleFlightBody, example: exampleFlight },
    handle(c, { body }) {
      agentsOnly(c.get('caller'))
      return send(c, {
        name: 'ScheduleFlight',
        target: flightIdOf(body.flight_number),
        makes: true,
        body,
        data: (flight_id) => ({ flight_id, ...body }),
      })
    },
  }),
]
