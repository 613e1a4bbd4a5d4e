import { afterAll, beforeAll, expect, test } from 'bun:test'
import { newId } from '../../shared/kernel/ids.ts'
import { commandOf, endOf, testWriteSide, type WriteSide } from '../../tests/support/write-side.ts'

let side: WriteSide
beforeAll(async () => {
  side = await testWriteSide()
}, 60_000)
afterAll(() => side.close())

const create = (sku: string, stock: number, product_id = newId()) =>
  commandOf('CreateProduct', product_id, {
    product_id,
    sku,
    name: sku,
    price: 16.25,
    currency: 'EUR',
    description: null,
    stock,
  })
const stocked = async (stock: number) => {
  const product_id = newId()
  const sku = `sku-${product_id}`
  await side.settle([create(sku, stock, product_id)])
  return { product_id, sku }
}
const item = (product: { product_id: string; sku: string }, quantity = 1) => ({
  ...product,
  quantity,
})
const hold = (order_id: string, ...items: readonly ReturnType<typeof item>[]) =>
  commandOf('HoldStock', order_id, { order_id, items: [...items] })
const levelOf = async ({ product_id }: { readonly product_id: string }) => {
  const [row] = await side.database.query<{ on_hand: number; held: number }>(
    'SELECT on_hand, held FROM write.stock WHERE id = $1::uuid',
    [product_id],
  )
  return row
}
const counted = (ends: readonly string[]) =>
  Object.fromEntries([...Map.groupBy(ends, (end) => end)].map(([end, all]) => [end, all.length]))

test('a product comes with its offer and its stock, and its price with every digit', async () => {
  const product = await stocked(7)
  expect(await levelOf(product)).toEqual({ on_hand: 7, held: 0 })
  const priced = `SELECT price, product_id FROM write.offers WHERE id = $1`
  expect(await side.database.query<object>(priced, [product.sku])).toEqual([
    { price: '16.25', product_id: product.product_id },
  ])
  const { product_id } = product
  const cheaper = commandOf('UpdateProduct', product_id, { product_id, price: 10 })
  const [receipt] = await side.settle([cheaper])
  expect([endOf(receipt!), receipt?.version]).toEqual(['ProductUpdated', 2])
  expect(await side.database.query<object>(priced, [product.sku])).toMatchObject([
    { price: '10.00' },
  ])
})

test('of 200 who want the same SKU at once one gets it', async () => {
  const receipts = await side.storm(Array.from({ length: 200 }, () => create('wanted', 1)))
  expect(counted(receipts.map(endOf))).toEqual({
    'ProductCreated StockLevelChanged': 1,
    'sku-taken': 199,
  })
})

test('the receipt of an adjustment tells the version of the product', async () => {
  const { product_id } = await stocked(1)
  const adjust = (delta: number) => commandOf('AdjustStock', product_id, { product_id, delta })
  const receipts = await side.settle([adjust(4), adjust(-6), adjust(-5)])
  expect(receipts.map((receipt) => [endOf(receipt), receipt.version])).toEqual([
    ['StockAdjusted StockLevelChanged', 2],
    ['insufficient-stock', 2],
    ['StockAdjusted StockLevelChanged', 3],
  ])
  expect(await levelOf({ product_id })).toEqual({ on_hand: 0, held: 0 })
})

test('pieces go from the shelf into a hold, out of the house, and back', async () => {
  const [pillow, tag] = [await stocked(10), await stocked(5)]
  const [order_id, other] = [newId(), newId()]
  const levels = async () => [await levelOf(pillow), await levelOf(tag)]
  await side.settle([hold(order_id, item(pillow, 4), item(tag, 2)), hold(other, item(tag, 3))])
  expect(await levels()).toEqual([
    { on_hand: 10, held: 4 },
    { on_hand: 5, held: 5 },
  ])
  const { product_id } = tag
  const [none] = await side.settle([
    commandOf('AdjustStock', product_id, { product_id, delta: -1 }),
  ])
  expect(endOf(none!)).toBe('insufficient-stock')
  await side.settle([
    commandOf('CommitStock', order_id, { order_id }),
    commandOf('ReleaseStock', other, { order_id: other }),
  ])
  expect(await levels()).toEqual([
    { on_hand: 6, held: 0 },
    { on_hand: 3, held: 0 },
  ])
  await side.settle([commandOf('ReleaseStock', order_id, { order_id, reason: 'undeliverable' })])
  expect(await levels()).toEqual([
    { on_hand: 10, held: 0 },
    { on_hand: 5, held: 0 },
  ])
})

test('of 10,000 orders at once on 100 pieces exactly 100 get one', async () => {
  const product = await stocked(100)
  const orders = Array.from({ length: 10_000 }, () => hold(newId(), item(product)))
  const receipts = await side.storm(orders)
  expect(counted(receipts.map(endOf))).toEqual({
    'StockReserved StockLevelChanged': 100,
    StockRejected: 9900,
  })
  expect(await levelOf(product)).toEqual({ on_hand: 100, held: 100 })
}, 60_000)

test('orders over the same products in any order never wait in a ring, and no piece is lost', async () => {
  const shelf = await Promise.all(Array.from({ length: 5 }, () => stocked(300)))
  const orders = Array.from({ length: 1200 }, (_, at) => {
    const picked = [0, 1, 2].map((step) => shelf[(at * 7 + step * (1 + (at % 3))) % 5]!)
    return { order_id: newId(), picked: at % 2 ? picked : picked.toReversed() }
  })
  const held = await side.storm(
    orders.map(({ order_id, picked }) => hold(order_id, ...picked.map((one) => item(one)))),
  )
  const ended = await side.storm(
    orders.map(({ order_id }, at) =>
      commandOf(at % 2 ? 'CommitStock' : 'ReleaseStock', order_id, { order_id }),
    ),
  )
  expect(held).toHaveLength(1200)
  expect(ended).toHaveLength(1200)
  const [sold] = await side.database.query<{ pieces: number }>(
    `SELECT sum((item->>'quantity')::integer)::integer AS pieces
     FROM write.stock_holds, json_array_elements(items) AS item WHERE status = 'COMMITTED'
       AND item->>'product_id' = ANY($1::text[])`,
    [shelf.map(({ product_id }) => product_id)],
  )
  const levels = await Promise.all(shelf.map(levelOf))
  expect(levels.every((level) => level?.held === 0)).toBe(true)
  const left = levels.reduce((sum, level) => sum + (level?.on_hand ?? 0), 0)
  expect(sold!.pieces).toBeGreaterThan(0)
  expect(left + sold!.pieces).toBe(1500)
  const log = await side.database.query<{ deadlocks: number }>(
    `SELECT pg_stat_force_next_flush(), deadlocks::integer FROM pg_stat_database
     WHERE datname = current_database()`,
  )
  expect(log[0]?.deadlocks).toBe(0)
}, 60_000)
