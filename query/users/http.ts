import { z } from 'zod'
import { userStatuses } from '../../shared/contracts/users.ts'
import { answerPage, cutPage, pageAnswer, pageParameters } from '../../shared/http/paging.ts'
import { problem } from '../../shared/http/problem.ts'
import { type Route, route } from '../../shared/http/route.ts'
import { maySee, visibleOwner } from '../http/ownership.ts'
import { emailParameter, idParameters, minVersionParameter } from '../http/parameters.ts'
import type { ReadSide } from '../http/read-side.ts'
import { answerSingle, conditionalHeader, singleAnswers } from '../http/single.ts'
import { waitForVersion } from '../http/wait-for-version.ts'
import { listUsers, userFinder } from './user.find.ts'
import { exampleUser, showUser, userJson } from './user.json.ts'

const tags = ['users']

export const userRoutes = (readSide: ReadSide): readonly Route[] => [
  getUser(readSide),
  getUsers(readSide),
]

const getUser = (readSide: ReadSide, find = userFinder(readSide)) =>
  route({
    method: 'get',
    path: '/users/{id}',
    operationId: 'getUser',
    summary: 'One user',
    tags,
    secured: true,
    params: idParameters,
    query: z.object({ min_version: minVersionParameter }),
    headers: conditionalHeader,
    answers: singleAnswers('The user', userJson, exampleUser),
    problems: ['not-found', 'database-unavailable', ['view-behind', 503]],
    async handle(c, { params: { id }, query }) {
      if (!maySee(c, readSide, id)) throw notFound(id)
      const user = await waitForVersion({
        what: `user ${id}`,
        minVersion: query.min_version,
        find: () => find(id),
        versionOf: ({ version }) => version,
        backlog: () => readSide.backlogOf('users'),
        signal: c.req.raw.signal,
      })
      if (!user) throw notFound(id)
      return answerSingle(c, user, showUser(user))
    },
  })

const notFound = (id: string) => problem('not-found', 404, `There is no user ${id}.`)

const getUsers = (readSide: ReadSide) =>
  route({
    method: 'get',
    path: '/users',
    operationId: 'listUsers',
    summary: 'Users, newest first',
    tags,
    secured: true,
    query: z.object({
      ...pageParameters,
      email: emailParameter
        .optional()
        .meta({ description: 'the whole address; upper and lower case are the same' }),
      status: z.enum(userStatuses).optional(),
    }),
    answers: { 200: pageAnswer(userJson, exampleUser) },
    problems: ['database-unavailable'],
    async handle(c, { query: { limit, cursor, ...filter } }) {
      const filters = [filter, { id: visibleOwner(c, readSide) }]
      const rows = await listUsers(readSide.database, filters, { limit, cursor })
      const keyOf = (row: (typeof rows)[number]) => [row.registered_at.toISOString(), row.id]
      return answerPage(c, cutPage(rows, limit, keyOf, showUser))
    },
  })
