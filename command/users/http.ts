import type { Route } from '../../shared/http/route.ts'
import { codeDigest } from '../../shared/kernel/credentials.ts'
import { actingFor } from '../acting-for.ts'
import { commandRoute } from '../command-route.ts'
import { idInPath } from '../fields.ts'
import type { Passwords } from '../passwords.ts'
import type { SendCommand } from '../submission.ts'
import {
  addReservationBody,
  deactivateUserBody,
  exampleUser,
  registerUserBody,
  validateUserBody,
} from './bodies.ts'
import { registerUserData } from './register-data.ts'

export interface UserRouteOptions {
  readonly send: SendCommand
  readonly passwords: Pick<Passwords, 'hash'>
  readonly credentialKey: string
}

const tags = ['users']

/** What can be asked of the write side about users. */
export const userRoutes = (options: UserRouteOptions): readonly Route[] => [
  registerRoute(options),
  validateRoute(options),
  deactivateRoute(options),
  addReservationRoute(options),
]

const registerRoute = ({ send, passwords, credentialKey }: UserRouteOptions) =>
  commandRoute({
    path: '/users',
    operationId: 'registerUser',
    summary: 'Register a person or a company',
    description:
      'The password is hashed and everything personal sealed before anything is sent on. A code goes out by mail. The receipt is rejected with `email-taken`.',
    tags,
    open: true,
    body: { schema: registerUserBody, example: exampleUser },
    problems: ['overloaded'],
    handle: (c, { body }) =>
      send(c, {
        name: 'RegisterUser',
        body,
        data: async (id) =>
          registerUserData(credentialKey, body, await passwords.hash(body.password), id),
      }),
  })

const validateRoute = ({ send, credentialKey }: UserRouteOptions) =>
  commandRoute({
    path: '/users/{id}/validate',
    operationId: 'validateUser',
    summary: 'Show that the e-mail address is yours',
    description: 'The receipt is rejected with `not-found` or `wrong-code`.',
    tags,
    params: idInPath,
    body: { schema: validateUserBody, example: { code: '12345678' } },
    handle(c, { params: { id }, body }) {
      actingFor(c.get('caller'), id, '/path/id')
      return send(c, {
        name: 'ValidateUser',
        target: id,
        body,
        data: (user_id) => ({
          user_id,
          code_digest: codeDigest(credentialKey, user_id, body.code),
        }),
      })
    },
  })

const deactivateRoute = ({ send }: UserRouteOptions) =>
  commandRoute({
    path: '/users/{id}/deactivate',
    operationId: 'deactivateUser',
    summary: 'Deactivate a user',
    description: 'The receipt is rejected with `not-found`.',
    tags,
    params: idInPath,
    body: { schema: deactivateUserBody, example: { reason: 'left' }, allowEmpty: true },
    handle(c, { params: { id }, body }) {
      actingFor(c.get('caller'), id, '/path/id')
      return send(c, {
        name: 'DeactivateUser',
        target: id,
        body,
        data: (user_id) => ({ user_id, ...body }),
      })
    },
  })

const addReservationRoute = ({ send }: UserRouteOptions) =>
  commandRoute({
    path: '/users/{id}/reservations',
    operationId: 'addReservationToUser',
    summary: 'Link a reservation to a user',
    description: 'The receipt is rejected with `not-found`.',
    tags,
    params: idInPath,
    body: {
      schema: addReservationBody,
      example: { reservation_id: '019aa3c4-5b7e-7c1d-8e2f-0123456789ab' },
    },
    handle(c, { params: { id }, body }) {
      actingFor(c.get('caller'), id, '/path/id')
      return send(c, {
        name: 'AddReservationToUser',
        target: id,
        body,
        data: (user_id) => ({ user_id, ...body }),
      })
    },
  })
