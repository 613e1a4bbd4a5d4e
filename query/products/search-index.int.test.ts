import { afterAll, beforeAll, expect, test } from 'bun:test'
import { newId } from '../../shared/kernel/ids.ts'
import { testReadSide, type TestReadSide } from '../../tests/support/query-app.ts'
import { productStream } from './product.streams.ts'
import { indexAllProducts } from './search-index.ts'

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
afterAll(() => readSide.close())

const found = async (q: string) => {
  const answer = await readSide.app().request(`/products?q=${q}&limit=200`)
  return ((await answer.json()) as { items: { id: string }[] }).items.map(({ id }) => id)
}

test('the whole index follows a rebuild of the products, whatever was in it before', async () => {
  const { database } = readSide
  // More than are indexed at once.
  await database.query(
    `INSERT INTO read.products_read
     SELECT gen_random_uuid(), 'sku-' || n, 'Lamp', 1, 'EUR', NULL, now(), now(), 1, 1, 1
     FROM generate_series(1, 1500) AS n`,
  )
  const one = newId()
  await database.query(
    `INSERT INTO read.products_read
     VALUES ($1::uuid, 'one', 'Lantern', 1, 'EUR', NULL, now(), now(), 1, 1, 1)`,
    [one],
  )
  await database.query(
    `INSERT INTO read.product_search VALUES
     ($1::uuid, 'Torch', to_tsvector('simple', 'Torch'), 9),
     (gen_random_uuid(), 'Ghost', to_tsvector('simple', 'Ghost'), 9)`,
    [one],
  )
  await indexAllProducts(database)
  expect(await found('lantern')).toEqual([one])
  expect(await found('torch')).toEqual([])
  const rows = 'SELECT count(*)::int AS rows, min(name) AS name FROM read.product_search'
  expect(await database.query(rows)).toEqual([{ rows: 1501, name: 'Lamp' }] as never)
  expect(productStream.rebuilt).toBe(indexAllProducts)
})
