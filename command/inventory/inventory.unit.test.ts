import { describe, expect, test } from 'bun:test'
import { given } from '../../tests/support/given.ts'
import { happened } from '../../uow/handler.ts'
import { commitStock } from './commit-stock.ts'
import { type HoldEvent, holds } from './hold.aggregate.ts'
import { holdStock } from './hold-stock.ts'
import { releaseStock } from './release-stock.ts'
import { stock } from './stock.aggregate.ts'

const id = (last: number) => `0197a000-0000-7000-8000-00000000000${last}`
const [order_id, pillow, tag] = [id(1), id(2), id(3)]

const level = (product_id: string, on_hand: number, held = 0) =>
  happened(stock, product_id, {
    type: 'StockLevelChanged',
    data: { product_id, sku: 'x', on_hand, held },
  })
const item = (product_id: string, quantity: number) => ({ product_id, sku: 'x', quantity })
const was = (event: HoldEvent) => happened(holds, order_id, event)
const items = [item(pillow, 2), item(tag, 1)]
const reserved = was({ type: 'StockReserved', data: { order_id, items } })
const short = was({ type: 'StockRejected', data: { order_id, items, missing: [] } })
const committed = was({ type: 'StockCommitted', data: { order_id, items } })
const released = was({
  type: 'StockReleased',
  data: { order_id, items, returned: false, reason: null },
})

describe('holding stock for an order', () => {
  test('holds all of it', () => {
    const { decision } = given(level(pillow, 2), level(tag, 1)).when(holdStock, { order_id, items })
    expect(decision).toEqual([reserved])
  })
  test('holds nothing where a part is missing, and says which', () => {
    const { decision } = given(level(pillow, 5, 4)).when(holdStock, { order_id, items })
    const missing = [
      { ...item(pillow, 2), available: 1 },
      { ...item(tag, 1), available: 0 },
    ]
    expect(decision).toMatchObject([{ event: { type: 'StockRejected', data: { missing } } }])
  })
  test('counts two lines of one product together', () => {
    const twice = { order_id, items: [item(pillow, 2), item(pillow, 2)] }
    expect(given(level(pillow, 3)).when(holdStock, twice).events).toEqual(['StockRejected'])
    expect(given(level(pillow, 4)).when(holdStock, twice).decision).toMatchObject([
      { event: { type: 'StockReserved', data: { items: [item(pillow, 4)] } } },
    ])
  })
  test('happens once an order, whatever became of it', () => {
    for (const before of [reserved, short, committed, released])
      expect(
        given(level(pillow, 9), level(tag, 9), before).when(holdStock, { order_id, items })
          .decision,
      ).toEqual([])
  })
})

describe('what becomes of a hold', () => {
  const target = { order_id }
  test('it is committed once', () => {
    expect(given(reserved).when(commitStock, target).decision).toEqual([committed])
    expect(given(reserved, committed).when(commitStock, target).decision).toEqual([])
  })
  test('what was given up or never held is not committed', () => {
    expect(given().when(commitStock, target).rejected).toBe('not-found')
    for (const before of [released, short])
      expect(given(before).when(commitStock, target).rejected).toBe('invalid-transition')
  })
  test('it is released once, also after it has left the shelf', () => {
    expect(given(reserved).when(releaseStock, target).decision).toEqual([released])
    expect(given(reserved, committed).when(releaseStock, target).decision).toMatchObject([
      { event: { type: 'StockReleased', data: { items, returned: true } } },
    ])
    for (const before of [released, short])
      expect(given(before).when(releaseStock, target).decision).toEqual([])
  })
  test('given up before it came, it finds nothing to hold', () => {
    const { decision } = given().when(releaseStock, { order_id, reason: 'cancelled' })
    expect(decision).toMatchObject([{ event: { data: { items: [], reason: 'cancelled' } } }])
  })
})
