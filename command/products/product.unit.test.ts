import { describe, expect, test } from 'bun:test'
import { given } from '../../tests/support/given.ts'
import { aggregate } from '../../uow/aggregate.ts'
import { type Happened, happened } from '../../uow/handler.ts'
import { adjustStock, mostPieces } from './adjust-stock.ts'
import { createProduct } from './create-product.ts'
import { type ProductEvent, products } from './product.aggregate.ts'
import { productTable } from './product.table.ts'
import { updateProduct } from './update-product.ts'

const product_id = '0197a000-0000-7000-8000-000000000001'

/** What this module sees of the stock, without the inventory. */
interface Level {
  readonly id: string
  readonly version: number
  readonly on_hand: number
  readonly held: number
}
interface LevelSet {
  readonly type: 'LevelSet'
  readonly data: { readonly on_hand: number; readonly held: number }
}
const stock = aggregate<Level, LevelSet>({
  name: 'stock in this test',
  rank: 1,
  table: productTable,
  evolve: (_before, { data }, { id }) => ({ id, ...data }),
})

const was = (event: ProductEvent) => happened(products, product_id, event)
const level = (on_hand: number, held = 0) =>
  happened(stock, product_id, { type: 'LevelSet', data: { on_hand, held } })
const mouse = {
  product_id,
  sku: 'mouse-1',
  name: 'Mouse',
  price: 39.9,
  currency: 'EUR',
  description: null,
  stock: 5,
}
const created = was({
  type: 'ProductCreated',
  data: { ...mouse, created_at: '2026-01-02T03:04:05.000Z' },
})

describe('creating a product', () => {
  const create = createProduct(stock)
  test('says everything that there is to know of it', () => {
    expect(given().when(create, mouse).decision).toEqual([created])
  })
  test('is rejected for a SKU that somebody else has', () => {
    expect(given().when(create, mouse, false).rejected).toBe('sku-taken')
  })
  test.each([
    ['1e308', 'EUR'],
    ['-0', 'EUR'],
    ['-1', 'EUR'],
    ['0.123456789012345', 'EUR'],
    ['0.5', 'JPY'],
    ['1', 'XYZ'],
  ])('is rejected for a price of %s %s, whoever sent it', (text, currency) => {
    const wrong = { ...mouse, price: Number(text), currency }
    const { rejected, decision } = given().when(create, wrong)
    expect(rejected).toBe('invalid-request')
    expect(decision).toMatchObject({ rejected: { detail: expect.stringMatching(/^\/price: /) } })
  })
})

describe('updating a product', () => {
  const changes = (command: object) => {
    const { decision } = given(created).when(updateProduct, { product_id, ...command })
    return Array.isArray(decision) ? decision.map(({ event }) => event.data) : decision
  }
  test('tells only what has changed', () => {
    expect(changes({ name: 'Mouse', price: 34.9 })).toEqual([{ product_id, price: 34.9 }])
    expect(changes({ description: 'new' })).toEqual([{ product_id, description: 'new' }])
    expect(changes({ name: 'Maus', price: 39.9 })).toEqual([{ product_id, name: 'Maus' }])
  })
  test('with what it is already is done without an event', () => {
    expect(changes({})).toEqual([])
    expect(changes({ name: 'Mouse', price: 39.9, description: null })).toEqual([])
  })
  test('of one that is not there is rejected', () => {
    expect(given().when(updateProduct, { product_id, name: 'x' }).rejected).toBe('not-found')
  })
  test('keeps its currency, and the decimals that it has', () => {
    const yen = was({
      type: 'ProductCreated',
      data: { ...mouse, currency: 'JPY', price: 4000, created_at: '2026-01-02T03:04:05.000Z' },
    })
    const { rejected } = given(yen).when(updateProduct, { product_id, price: 39.9 })
    expect(rejected).toBe('invalid-request')
  })
})

describe('adjusting the stock', () => {
  const adjust = adjustStock(stock)
  const by = (delta: number, ...past: readonly Happened[]) =>
    given(...past).when(adjust, { product_id, delta })

  test('says what there is afterwards, and which level goes with it', () => {
    expect(by(3, created, level(5)).decision).toMatchObject([
      { event: { data: { product_id, sku: 'mouse-1', delta: 3, on_hand: 8, stock_version: 2 } } },
    ])
  })
  test('takes away everything but what is held for orders', () => {
    expect(by(-3, created, level(5, 2)).events).toEqual(['StockAdjusted'])
    expect(by(-4, created, level(5, 2)).rejected).toBe('insufficient-stock')
  })
  test('stays within what can be counted', () => {
    expect(by(mostPieces, created, level(1)).rejected).toBe('invalid-request')
  })
  test('of a product that is not there is rejected', () => {
    expect(by(1).rejected).toBe('not-found')
  })
})
