import { z } from 'zod'
import { answerPage, pageAnswer, pageParameters } from '../../shared/http/paging.ts'
import { problem } from '../../shared/http/problem.ts'
import { type Route, route } from '../../shared/http/route.ts'
import { idParameters, minVersionParameter, textParameter } from '../http/parameters.ts'
import type { ReadSide } from '../http/read-side.ts'
import { answerSingle, conditionalHeader, singleAnswers } from '../http/single.ts'
import { waitForVersion } from '../http/wait-for-version.ts'
import { type ListedProduct, productFinder, productPage, productSearch } from './product.find.ts'
import { exampleProduct, productJson, showProduct } from './product.json.ts'

const tags = ['products']

/** What is sold is for everybody to see. */
export const productRoutes = (readSide: ReadSide): readonly Route[] => [
  getProduct(readSide),
  getProducts(readSide),
]

const getProduct = (readSide: ReadSide, find = productFinder(readSide)) =>
  route({
    method: 'get',
    path: '/products/{id}',
    operationId: 'getProduct',
    summary: 'One product, with what there is of it',
    tags,
    params: idParameters,
    query: z.object({ min_version: minVersionParameter }),
    headers: conditionalHeader,
    answers: singleAnswers('The product', productJson, exampleProduct),
    problems: ['not-found', 'database-unavailable', ['view-behind', 503]],
    async handle(c, { params: { id }, query }) {
      const row = await waitForVersion({
        what: `product ${id} with its stock`,
        minVersion: query.min_version,
        find: () => find(id),
        versionOf: (product) => (isComplete(product) ? product.version : 0),
        backlog: () => readSide.backlogOf('inventory'),
        signal: c.req.raw.signal,
      })
      if (!row) throw problem('not-found', 404, `There is no product ${id}.`)
      return answerSingle(c, tagged(row), showProduct(row))
    },
  })

/** Products and levels come from two topics: a restocking may be here before its pieces are. */
const isComplete = ({ level_version, stock_version }: ListedProduct) =>
  level_version >= stock_version

/** The stock changes without the product. Neither number ever falls, so no two states share a tag. */
const tagged = ({ version, revision, level_version }: ListedProduct) => ({
  version,
  revision: revision + level_version,
})

const getProducts = (readSide: ReadSide) =>
  route({
    method: 'get',
    path: '/products',
    operationId: 'listProducts',
    summary: 'Products by name, or what fits a search, the best first',
    tags,
    query: z.object({
      ...pageParameters,
      q: textParameter.optional().meta({
        description:
          'words of name, SKU or description, or something much like part of the name; "in quotes" for words in a row, -word for without',
      }),
    }),
    answers: { 200: pageAnswer(productJson, exampleProduct) },
    problems: ['database-unavailable'],
    async handle(c, { query: { q, ...page } }) {
      return answerPage(
        c,
        q === undefined
          ? await productPage(readSide, page)
          : await productSearch(readSide, q, page),
      )
    },
  })
