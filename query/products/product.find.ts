import { z } from 'zod'
import { cutPage, decodeCursor, type Page } from '../../shared/http/paging.ts'
import { batchedFind } from '../http/batched-find.ts'
import type { PageRequest } from '../http/keyset.ts'
import type { ReadSide } from '../http/read-side.ts'
import { showProduct } from './product.json.ts'
import type { ProductRow } from './product.table.ts'

/** A product with its level, which may not have come yet: then there is nothing, as far as is known. */
export interface ListedProduct extends ProductRow {
  readonly on_hand: number
  readonly held: number
  readonly level_version: number
  /** Of a search; text, since every digit counts for the next page. */
  readonly rank?: string
}

const columns = `p.id, p.sku, p.name, p.price, p.currency, p.description, p.created_at, p.updated_at,
  p.stock_version, p.version, p.revision, coalesce(l.on_hand, 0) AS on_hand,
  coalesce(l.held, 0) AS held, coalesce(l.version, 0) AS level_version`
const withLevels = 'LEFT JOIN read.stock_levels l ON l.id = p.id'

const byIds = `SELECT ${columns} FROM read.products_read p ${withLevels} WHERE p.id = ANY($1::uuid[])`

export const productFinder = ({ database }: Pick<ReadSide, 'database'>) =>
  batchedFind<ListedProduct>((ids) => database.query(byIds, [ids]))

const list = (after: string) => `
  SELECT ${columns} FROM read.products_read p ${withLevels} ${after}
  ORDER BY p.name COLLATE read.by_name, p.id LIMIT $1::integer`
const firstPage = list('')
const nextPage = list('WHERE (p.name COLLATE read.by_name, p.id) > ($2, $3::uuid)')
const nameKey = z.tuple([z.string(), z.guid()])

/** Products by name. */
export const productPage = async (
  { database }: Pick<ReadSide, 'database'>,
  { limit, cursor }: PageRequest,
): Promise<Page<object>> => {
  const rows =
    cursor === undefined
      ? await database.query<ListedProduct>(firstPage, [limit + 1])
      : await database.query<ListedProduct>(nextPage, [limit + 1, ...decodeCursor(cursor, nameKey)])
  return cutPage(rows, limit, (row) => [row.name, row.id], showProduct)
}

// Whole words in whatever language, or after these something much like part of a name: each finds by
// its own index. Likeness costs ten times as much as anything else here, so that it is asked for last.
export const matching = `
  SELECT s.id, round((CASE WHEN s.words @@ query THEN 1 + ts_rank(s.words, query)
    ELSE word_similarity(asked, s.name) END)::numeric, 6) AS rank
  FROM read.product_search s, read.without_accents($2) AS asked,
    websearch_to_tsquery('simple', asked) AS query
  WHERE s.words @@ query OR asked <% s.name`
const search = (after: string) => `
  SELECT ${columns}, f.rank::text FROM (${matching}) f
  JOIN read.products_read p ON p.id = f.id ${withLevels} ${after}
  ORDER BY f.rank DESC, p.id LIMIT $1::integer`
const firstFound = search('')
const nextFound = search('WHERE f.rank < $3::numeric OR (f.rank = $3::numeric AND p.id > $4::uuid)')
const rankKey = z.tuple([z.string().regex(/^\d{1,3}\.\d{6}$/), z.guid()])

/** Products that fit what was searched for, the best first. */
export const productSearch = async (
  { database }: Pick<ReadSide, 'database'>,
  text: string,
  { limit, cursor }: PageRequest,
): Promise<Page<object>> => {
  const rows =
    cursor === undefined
      ? await database.query<ListedProduct>(firstFound, [limit + 1, text])
      : await database.query<ListedProduct>(nextFound, [
          limit + 1,
          text,
          ...decodeCursor(cursor, rankKey),
        ])
  return cutPage(rows, limit, (row) => [row.rank ?? '', row.id], showProduct)
}
