import type { Route } from '../../shared/http/route.ts'
import { agentsOnly } from '../agents-only.ts'
import { commandRoute } from '../command-route.ts'
import { idInPath } from '../fields.ts'
import type { SendCommand } from '../submission.ts'
import { adjustStockBody, createProductBody, exampleProduct, updateProductBody } from './bodies.ts'

const tags = ['products']

/** What can be asked of the write side about products. */
export const productRoutes = (send: SendCommand): readonly Route[] => [
  createRoute(send),
  updateRoute(send),
  adjustRoute(send),
]

const createRoute = (send: SendCommand) =>
  commandRoute({
    path: '/products',
    operationId: 'createProduct',
    summary: 'Sell something new',
    description:
      'Without a `sku` the id is the SKU. The receipt is rejected with `sku-taken`. Agents only.',
    tags,
    body: { schema: createProductBody, example: exampleProduct },
    handle(c, { body }) {
      agentsOnly(c.get('caller'))
      return send(c, {
        name: 'CreateProduct',
        body,
        data: (product_id) => ({
          ...body,
          product_id,
          sku: body.sku ?? product_id,
          description: body.description ?? null,
        }),
      })
    },
  })

const updateRoute = (send: SendCommand) =>
  commandRoute({
    method: 'put',
    path: '/products/{id}',
    operationId: 'updateProduct',
    summary: 'Change some of what is said of a product',
    description:
      'What is left out stays as it is; where nothing changes, nothing happens. The currency stays. The receipt is rejected with `not-found`, or with `invalid-request` for decimals that the currency does not have. Agents only.',
    tags,
    params: idInPath,
    body: { schema: updateProductBody, example: { price: 34.9 } },
    handle(c, { params: { id }, body }) {
      agentsOnly(c.get('caller'))
      return send(c, {
        name: 'UpdateProduct',
        target: id,
        body,
        data: (product_id) => ({ product_id, ...body }),
      })
    },
  })

const adjustRoute = (send: SendCommand) =>
  commandRoute({
    path: '/products/{id}/stock',
    operationId: 'adjustStock',
    summary: 'Add pieces to the stock, or take some away',
    description: 'The receipt is rejected with `not-found` or `insufficient-stock`. Agents only.',
    tags,
    params: idInPath,
    body: { schema: adjustStockBody, example: { delta: 10 } },
    handle(c, { params: { id }, body }) {
      agentsOnly(c.get('caller'))
      return send(c, {
        name: 'AdjustStock',
        target: id,
        body,
        data: (product_id) => ({ product_id, ...body }),
      })
    },
  })
