import { z } from 'zod'
import { answerPage, pageAnswer, pageParameters } from '../../shared/http/paging.ts'
import { problem } from '../../shared/http/problem.ts'
import { type Route, route } from '../../shared/http/route.ts'
import type { ListOf } from '../http/list-of.ts'
import { maySee } from '../http/ownership.ts'
import { idParameters, minVersionParameter } from '../http/parameters.ts'
import type { ReadSide } from '../http/read-side.ts'
import { waitForVersion } from '../http/wait-for-version.ts'
import { findLinkedUser } from './user.find.ts'

/** With `min_version` (of the user) the answer has every reservation linked up to then. */
export const userReservationRoutes = (
  readSide: ReadSide,
  reservations: ListOf<{ readonly client_id: string }>,
): readonly Route[] => [
  route({
    method: 'get',
    path: '/users/{id}/reservations',
    operationId: 'listUserReservations',
    summary: "A user's reservations, newest first",
    tags: ['users', 'reservations'],
    secured: true,
    params: idParameters,
    query: z.object({ ...pageParameters, min_version: minVersionParameter }),
    answers: { 200: pageAnswer(reservations.item, reservations.example) },
    problems: ['not-found', 'database-unavailable', ['view-behind', 503]],
    async handle(c, { params: { id }, query: { min_version, ...page } }) {
      if (!maySee(c, readSide, id)) throw notFound(id)
      const user = await waitForVersion({
        what: `user ${id} with their reservations`,
        minVersion: min_version,
        find: () => findLinkedUser(readSide.database, id),
        versionOf: ({ version, complete }) => (complete ? version : 0),
        backlog: () => readSide.backlogOf('reservations'),
        signal: c.req.raw.signal,
      })
      if (!user) throw notFound(id)
      return answerPage(c, await reservations.page({ client_id: id }, page))
    },
  }),
]

const notFound = (id: string) => problem('not-found', 404, `There is no user ${id}.`)
