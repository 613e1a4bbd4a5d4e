import { actingFor } from '../acting-for.ts'
import { commandRoute } from '../command-route.ts'
import { idInPath } from '../fields.ts'
import type { Route } from '../../shared/http/route.ts'
import type { SendCommand } from '../submission.ts'
import {
  cancelBody,
  createReservationBody,
  emptyBody,
  exampleReservation,
  payBody,
} from './bodies.ts'

const tags = ['reservations']

/** What can be asked of the write side about reservations. */
export const reservationRoutes = (send: SendCommand): readonly Route[] => [
  createRoute(send),
  approveRoute(send),
  payRoute(send),
  cancelRoute(send),
]

const createRoute = (send: SendCommand) =>
  commandRoute({
    path: '/reservations',
    operationId: 'createReservation',
    summary: 'Reserve a journey',
    description:
      'Refused at once: no itinerary, origin = destination, arrival before departure, legs that do not join up, passengers without an adult.',
    tags,
    body: { schema: createReservationBody, example: exampleReservation },
    handle(c, { body }) {
      const client = actingFor(c.get('caller'), body.client_id, '/client_id')
      return send(c, {
        name: 'CreateReservation',
        body,
        data: (reservation_id) => ({
          ...body,
          reservation_id,
          ...(client === undefined ? {} : { client_id: client }),
        }),
      })
    },
  })

const approveRoute = (send: SendCommand) =>
  commandRoute({
    path: '/reservations/{id}/approve',
    operationId: 'approveReservation',
    summary: 'Approve a pending reservation',
    description: 'The receipt is rejected with `not-found`, `invalid-transition` or `no-seats`.',
    tags,
    params: idInPath,
    body: { schema: emptyBody, example: {}, allowEmpty: true },
    handle: (c, { params: { id }, body }) =>
      send(c, {
        name: 'ApproveReservation',
        target: id,
        body,
        data: (reservation_id) => ({ reservation_id }),
      }),
  })

const payRoute = (send: SendCommand) =>
  commandRoute({
    path: '/reservations/{id}/pay',
    operationId: 'payReservation',
    summary: 'Pay an approved reservation',
    description: 'The receipt is rejected with `not-found` or `invalid-transition`.',
    tags,
    params: idInPath,
    body: { schema: payBody, example: { payment_method: 'card' }, allowEmpty: true },
    handle: (c, { params: { id }, body }) =>
      send(c, {
        name: 'PayReservation',
        target: id,
        body,
        data: (reservation_id) => ({ reservation_id, ...body }),
      }),
  })

const cancelRoute = (send: SendCommand) =>
  commandRoute({
    path: '/reservations/{id}/cancel',
    operationId: 'cancelReservation',
    summary: 'Cancel a reservation in any state',
    description: 'The receipt is rejected with `not-found` or `invalid-transition`.',
    tags,
    params: idInPath,
    body: { schema: cancelBody, example: { reason: 'plans changed' }, allowEmpty: true },
    handle: (c, { params: { id }, body }) =>
      send(c, {
        name: 'CancelReservation',
        target: id,
        body,
        data: (reservation_id) => ({ reservation_id, ...body }),
      }),
  })
