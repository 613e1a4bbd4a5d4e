import { z } from 'zod'
import { reservationStatuses } from '../../shared/contracts/reservations.ts'
import { answerPage, pageAnswer, pageParameters } from '../../shared/http/paging.ts'
import { problem } from '../../shared/http/problem.ts'
import { type Route, route } from '../../shared/http/route.ts'
import { ifVisible, visibleOwner } from '../http/ownership.ts'
import { idParameters, minVersionParameter, foreignIdParameter } from '../http/parameters.ts'
import type { ReadSide } from '../http/read-side.ts'
import { answerSingle, conditionalHeader, singleAnswers } from '../http/single.ts'
import { waitForVersion } from '../http/wait-for-version.ts'
import { reservationFinder, reservationPage } from './reservation.find.ts'
import { exampleReservation, reservationJson, showReservation } from './reservation.json.ts'

const tags = ['reservations']

export const reservationRoutes = (readSide: ReadSide): readonly Route[] => [
  getReservation(readSide),
  getReservations(readSide),
]

const getReservation = (readSide: ReadSide, find = reservationFinder(readSide)) =>
  route({
    method: 'get',
    path: '/reservations/{id}',
    operationId: 'getReservation',
    summary: 'One reservation',
    tags,
    secured: true,
    params: idParameters,
    query: z.object({ min_version: minVersionParameter }),
    headers: conditionalHeader,
    answers: singleAnswers('The reservation', reservationJson, exampleReservation),
    problems: ['not-found', 'database-unavailable', ['view-behind', 503]],
    async handle(c, { params: { id }, query }) {
      const row = await waitForVersion({
        what: `reservation ${id}`,
        minVersion: query.min_version,
        find: async () => ifVisible(c, readSide, await find(id), (found) => found.client_id),
        versionOf: ({ version }) => version,
        backlog: () => readSide.backlogOf('reservations'),
        signal: c.req.raw.signal,
      })
      if (!row) throw problem('not-found', 404, `There is no reservation ${id}.`)
      return answerSingle(c, row, showReservation(row))
    },
  })

const getReservations = (readSide: ReadSide) =>
  route({
    method: 'get',
    path: '/reservations',
    operationId: 'listReservations',
    summary: 'Reservations, newest first',
    tags,
    secured: true,
    query: z.object({
      ...pageParameters,
      status: z.enum(reservationStatuses).optional(),
      client_id: foreignIdParameter.optional(),
      paid: z
        .enum(['true', 'false'])
        .transform((paid) => paid === 'true')
        .optional()
        .meta({ description: '`false`: still to be paid, so neither paid nor cancelled' }),
    }),
    answers: { 200: pageAnswer(reservationJson, exampleReservation) },
    problems: ['database-unavailable'],
    async handle(c, { query: { limit, cursor, ...filter } }) {
      const filters = [filter, { client_id: visibleOwner(c, readSide) }]
      return answerPage(c, await reservationPage(readSide, filters, { limit, cursor }))
    },
  })
