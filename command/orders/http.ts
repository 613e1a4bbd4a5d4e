import type { Route } from '../../shared/http/route.ts'
import { actingFor } from '../acting-for.ts'
import { commandRoute } from '../command-route.ts'
import { idInPath } from '../fields.ts'
import type { SendCommand } from '../submission.ts'
import {
  cancelOrderBody,
  createOrderBody,
  type CreateOrderBody,
  exampleOrder,
  mostLines,
  payOrderBody,
} from './bodies.ts'

const tags = ['orders']

/** What can be asked of the write side about orders. */
export const orderRoutes = (send: SendCommand): readonly Route[] => [
  createRoute(send),
  payRoute(send),
  cancelRoute(send),
]

const createRoute = (send: SendCommand) =>
  commandRoute({
    path: '/orders',
    operationId: 'createOrder',
    summary: 'Order products',
    description: `At most ${mostLines} lines; those of one SKU are taken together. The receipt is rejected with \`unknown-sku\`, or with \`currency-mismatch\` where a product is sold in another currency.`,
    tags,
    body: { schema: createOrderBody, example: exampleOrder },
    handle(c, { body }) {
      actingFor(c.get('caller'), body.customer_id, '/customer_id')
      return send(c, { name: 'CreateOrder', body, data: (id) => orderData(id, body) })
    },
  })

const orderData = (
  order_id: string,
  { shipping_address: address, payment_method, locale, ...body }: CreateOrderBody,
) => ({
  ...body,
  order_id,
  shipping_address: address
    ? {
        ...address,
        recipient: address.recipient ?? null,
        postal_code: address.postal_code ?? null,
      }
    : null,
  payment_method: payment_method ?? null,
  locale: locale ?? null,
})

const payRoute = (send: SendCommand) =>
  commandRoute({
    path: '/orders/{id}/pay',
    operationId: 'payOrder',
    summary: 'Ask for an order to be charged',
    description:
      'For orders that came without a payment method, once they are RESERVED. Completed means that the charge was asked for: the order is PAID when it was made, and CANCELLED when it failed. The receipt is rejected with `not-found` or `invalid-transition`.',
    tags,
    params: idInPath,
    body: { schema: payOrderBody, example: { payment_method: 'card-ok' } },
    handle: (c, { params: { id }, body }) =>
      send(c, {
        name: 'PayOrder',
        target: id,
        body,
        data: (order_id) => ({ order_id, ...body }),
      }),
  })

const cancelRoute = (send: SendCommand) =>
  commandRoute({
    path: '/orders/{id}/cancel',
    operationId: 'cancelOrder',
    summary: 'Cancel an order that has not been shipped',
    description: 'The receipt is rejected with `not-found` or `invalid-transition`.',
    tags,
    params: idInPath,
    body: { schema: cancelOrderBody, example: { reason: 'plans changed' }, allowEmpty: true },
    handle: (c, { params: { id }, body }) =>
      send(c, {
        name: 'CancelOrder',
        target: id,
        body,
        data: (order_id) => ({ order_id, ...body }),
      }),
  })
