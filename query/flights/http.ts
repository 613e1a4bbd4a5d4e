import { z } from 'zod'
import { flightIdOf } from '../../shared/contracts/flights.ts'
import { answerPage, cutPage, pageAnswer, pageParameters } from '../../shared/http/paging.ts'
import { problem } from '../../shared/http/problem.ts'
import { type Route, route } from '../../shared/http/route.ts'
import { isUuid } from '../../shared/kernel/ids.ts'
import { rowStore } from '../../shared/postgres/row-store.ts'
import { batchedFind } from '../http/batched-find.ts'
import { keysetList } from '../http/keyset.ts'
import { minVersionParameter, textParameter } from '../http/parameters.ts'
import type { ReadSide } from '../http/read-side.ts'
import { answerSingle, conditionalHeader, singleAnswers } from '../http/single.ts'
import { waitForVersion } from '../http/wait-for-version.ts'
import { exampleFlight, flightJson, showFlight } from './flight.json.ts'
import { type FlightRow, flightTable } from './flight.table.ts'

const tags = ['flights']
const store = rowStore(flightTable)
const list = keysetList(flightTable, 'departure')

/** Timetables are for everybody to see. */
export const flightRoutes = (readSide: ReadSide): readonly Route[] => [
  getFlight(readSide),
  getFlights(readSide),
]

/** Receipts link to the id, people know the number. */
const idOf = (numberOrId: string) =>
  isUuid(numberOrId) ? numberOrId.toLowerCase() : flightIdOf(numberOrId)

const getFlight = (
  readSide: ReadSide,
  find = batchedFind<FlightRow>((ids) => store.read(readSide.database, ids)),
) =>
  route({
    method: 'get',
    path: '/flights/{flight_number}',
    operationId: 'getFlight',
    summary: 'One flight, with the seats taken and left; by its number or its id',
    tags,
    params: z.object({ flight_number: textParameter }),
    query: z.object({ min_version: minVersionParameter }),
    headers: conditionalHeader,
    answers: singleAnswers('The flight', flightJson, exampleFlight),
    problems: ['not-found', 'database-unavailable', ['view-behind', 503]],
    async handle(c, { params: { flight_number }, query }) {
      const id = idOf(flight_number)
      const row = await waitForVersion({
        what: `flight ${flight_number}`,
        minVersion: query.min_version,
        find: () => find(id),
        versionOf: ({ version }) => version,
        backlog: () => readSide.backlogOf('reservations'),
        signal: c.req.raw.signal,
      })
      if (!row) throw problem('not-found', 404, `There is no flight ${flight_number}.`)
      return answerSingle(c, row, showFlight(row))
    },
  })

const getFlights = (readSide: ReadSide) =>
  route({
    method: 'get',
    path: '/flights',
    operationId: 'listFlights',
    summary: 'Flights, the latest departure first',
    tags,
    query: z.object(pageParameters),
    answers: { 200: pageAnswer(flightJson, exampleFlight) },
    problems: ['database-unavailable'],
    async handle(c, { query: page }) {
      const rows = await list(readSide.database, [], page)
      const keyOf = (row: FlightRow) => [row.departure.toISOString(), row.id]
      return answerPage(c, cutPage(rows, page.limit, keyOf, showFlight))
    },
  })
