import { z } from 'zod'
import { answerPage, pageAnswer, pageParameters } from '../../shared/http/paging.ts'
import { problem } from '../../shared/http/problem.ts'
import { type Route, route } from '../../shared/http/route.ts'
import type { ListOf } from '../http/list-of.ts'
import { maySee } from '../http/ownership.ts'
import { idParameters } from '../http/parameters.ts'
import type { ReadSide } from '../http/read-side.ts'
import { userFinder } from './user.find.ts'

export const userOrderRoutes = (
  readSide: ReadSide,
  orders: ListOf<{ readonly customer_id: string }>,
  find = userFinder(readSide),
): readonly Route[] => [
  route({
    method: 'get',
    path: '/users/{id}/orders',
    operationId: 'listUserOrders',
    summary: "A user's orders, newest first",
    tags: ['users', 'orders'],
    secured: true,
    params: idParameters,
    query: z.object(pageParameters),
    answers: { 200: pageAnswer(orders.item, orders.example) },
    problems: ['not-found', 'database-unavailable'],
    async handle(c, { params: { id }, query: page }) {
      if (!(await find(id)) || !maySee(c, readSide, id))
        throw problem('not-found', 404, `There is no user ${id}.`)
      return answerPage(c, await orders.page({ customer_id: id }, page))
    },
  }),
]
