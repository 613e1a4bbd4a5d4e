import { z } from 'zod'
import { orderStatuses } from '../../shared/contracts/orders.ts'
import { answerPage, pageAnswer, pageParameters } from '../../shared/http/paging.ts'
import { problem } from '../../shared/http/problem.ts'
import { type Route, route } from '../../shared/http/route.ts'
import { visibleOwner } from '../http/ownership.ts'
import {
  foreignIdParameter,
  idParameters,
  instantParameter,
  minVersionParameter,
} from '../http/parameters.ts'
import type { ReadSide } from '../http/read-side.ts'
import { answerSingle, conditionalHeader, singleAnswers } from '../http/single.ts'
import { type FindVisibleOrder, findVisibleOrder } from './find-visible-order.ts'
import { exampleEvent, historyJson } from './order-history.json.ts'
import { historyPage, orderAt } from './order-history.find.ts'
import { type ListedOrder, orderFinder, orderPage } from './order.find.ts'
import { exampleOrder, orderJson, showOrder } from './order.json.ts'

const tags = ['orders']

export const orderRoutes = (readSide: ReadSide): readonly Route[] => {
  const find = findVisibleOrder(readSide, orderFinder(readSide))
  return [getOrder(readSide, find), getOrders(readSide), getHistory(readSide, find)]
}

const getOrder = ({ database }: ReadSide, find: FindVisibleOrder) =>
  route({
    method: 'get',
    path: '/orders/{id}',
    operationId: 'getOrder',
    summary: 'One order, as it is or as it was',
    tags,
    secured: true,
    params: idParameters,
    query: z.object({
      min_version: minVersionParameter,
      at: instantParameter.optional().meta({
        type: 'string',
        format: 'date-time',
        description: 'the order as its events up to this moment left it; its customer as of now',
      }),
    }),
    headers: conditionalHeader,
    answers: singleAnswers('The order', orderJson, exampleOrder),
    problems: ['not-found', 'database-unavailable', ['view-behind', 503], ['unknown-version', 503]],
    async handle(c, { params: { id }, query: { at, min_version } }) {
      const order = await find(c, id, min_version)
      if (at === undefined) return answerSingle(c, tagged(order), showOrder(order))
      const then = await orderAt(database, id, at)
      if (!then)
        throw problem('not-found', 404, `There was no order ${id} yet at ${at.toISOString()}.`)
      const row = { ...then, customer: order.customer }
      return answerSingle(c, tagged(row), showOrder(row))
    },
  })

/** The customer becomes known without the order. Neither number ever falls, so no two states share a tag. */
const tagged = ({ version, revision, customer }: ListedOrder) => ({
  version,
  revision: revision + (customer?.version ?? 0),
})

const getOrders = (readSide: ReadSide) =>
  route({
    method: 'get',
    path: '/orders',
    operationId: 'listOrders',
    summary: 'Orders, newest first',
    tags,
    secured: true,
    query: z.object({
      ...pageParameters,
      status: z.enum(orderStatuses).optional(),
      customer_id: foreignIdParameter.optional(),
    }),
    answers: { 200: pageAnswer(orderJson, exampleOrder) },
    problems: ['database-unavailable'],
    async handle(c, { query: { limit, cursor, ...filter } }) {
      const filters = [filter, { customer_id: visibleOwner(c, readSide) }]
      return answerPage(c, await orderPage(readSide, filters, { limit, cursor }))
    },
  })

const getHistory = ({ database }: ReadSide, find: FindVisibleOrder) =>
  route({
    method: 'get',
    path: '/orders/{id}/history',
    operationId: 'getOrderHistory',
    summary: 'What happened to an order and to its stock, from the beginning, and what caused it',
    tags,
    secured: true,
    params: idParameters,
    query: z.object({ ...pageParameters, min_version: minVersionParameter }),
    answers: { 200: pageAnswer(historyJson, exampleEvent) },
    problems: ['not-found', 'database-unavailable', ['view-behind', 503]],
    async handle(c, { params: { id }, query: { min_version, ...page } }) {
      await find(c, id, min_version)
      return answerPage(c, await historyPage(database, id, page))
    },
  })
