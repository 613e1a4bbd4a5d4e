import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { DataOf } from '../../shared/contracts/contract.ts'
import type { CreateOrder } from '../../shared/contracts/orders.ts'
import { orderEvents } from '../../shared/contracts/orders.ts'
import { decimalText, moneyOf } from '../../shared/kernel/money.ts'
import { given, isRejection, now } from '../../tests/support/given.ts'
import { aggregate } from '../../uow/aggregate.ts'
import { happened } from '../../uow/handler.ts'
import { createOrder } from './create-order.ts'
import { orders } from './order.aggregate.ts'
import type { OfferRow } from './price-lines.ts'

const order_id = '0197a000-0000-7000-8000-000000000001'
const product_id = '0197a000-0000-7000-8000-00000000000f'

interface Offered {
  readonly type: 'Offered'
  readonly data: Omit<OfferRow, 'id' | 'version'>
}
/** What this module sees of the products, without them. */
const offers = aggregate<OfferRow, Offered>({
  name: 'offers in this test',
  rank: 1,
  table: undefined as never,
  evolve: (_before, { data }, { id }) => ({ id, ...data }),
})
const offered = (sku: string, price: string, currency = 'EUR') =>
  happened(offers, sku, {
    type: 'Offered',
    data: { product_id, name: `Name of ${sku}`, price, currency },
  })
const pillow = offered('prod-1', '16.25')
const tag = offered('prod-2', '10.00')

const create = createOrder(offers)
const command: DataOf<typeof CreateOrder> = {
  order_id,
  customer_id: 'customer-1',
  items: [
    { sku: 'prod-1', quantity: 2 },
    { sku: 'prod-2', quantity: 1 },
  ],
  currency: 'EUR',
  shipping_address: null,
  payment_method: null,
  locale: null,
}
const item = (sku: string, price: number, quantity: number) => ({
  product_id,
  sku,
  name: `Name of ${sku}`,
  price,
  quantity,
})

describe('creating an order', () => {
  test('costs what the texts say, and keeps each product as it was sold', () => {
    const data = {
      ...command,
      items: [item('prod-1', 16.25, 2), item('prod-2', 10, 1)],
      total: 42.5,
      created_at: now.toISOString(),
    }
    expect(given(pillow, tag).when(create, command).decision).toEqual([
      happened(orders, order_id, { type: 'OrderCreated', data }),
    ])
    expect(orderEvents.OrderCreated.schema.parse(data)).toEqual(data)
  })
  test('takes lines of one SKU together', () => {
    const items = ['prod-2', 'prod-1', 'prod-2'].map((sku) => ({ sku, quantity: 3 }))
    const { decision } = given(pillow, tag).when(create, { ...command, items })
    expect(decision).toMatchObject([
      { event: { data: { items: [item('prod-2', 10, 6), item('prod-1', 16.25, 3)] } } },
    ])
  })
  test('is rejected for a SKU that nobody sells, and says which', () => {
    const { rejected, decision } = given(pillow).when(create, command)
    expect(rejected).toBe('unknown-sku')
    expect(isRejection(decision) && decision.rejected.detail).toContain('SKU prod-2')
  })
  test('names five of many unknown SKUs', () => {
    const items = Array.from({ length: 9 }, (_, at) => ({ sku: `x${at}`, quantity: 1 }))
    const { decision } = given().when(create, { ...command, items })
    expect(isRejection(decision) && decision.rejected.detail).toEndWith('x4 and 4 others')
  })
  test('is rejected for a product of another currency, also for two in one order', () => {
    const yen = offered('prod-2', '1000', 'JPY')
    expect(given(pillow, yen).when(create, command).rejected).toBe('currency-mismatch')
    const inYen = { ...command, currency: 'JPY' }
    expect(given(pillow, yen).when(create, inYen).rejected).toBe('currency-mismatch')
    expect(given(pillow, tag).when(create, inYen).rejected).toBe('currency-mismatch')
  })
  test('is rejected where the total has more digits than a message can carry', () => {
    const dear = offered('prod-1', '9999999999999.99')
    const items = (quantity: number) => [{ sku: 'prod-1', quantity }]
    expect(given(dear).when(create, { ...command, items: items(1) }).rejected).toBeUndefined()
    expect(given(dear).when(create, { ...command, items: items(2) }).rejected).toBe(
      'invalid-request',
    )
  })
  test('happens once', () => {
    const [first] = given(pillow, tag).when(create, command).decision as never[]
    expect(given(pillow, tag, first!).when(create, command).rejected).toBe('order-exists')
  })
  test('locks what it is priced by against changes, and not against other orders', () => {
    expect(create.locks(command).map(({ id, mode }) => [id, mode])).toEqual([
      [order_id, 'pessimistic'],
      ['prod-1', 'share'],
      ['prod-2', 'share'],
    ])
  })
})

test('a total is the exact sum of its lines, in every currency, to the last digit', () => {
  const line = fc.record({
    minor: fc.integer({ min: 0, max: 1_000_000_000 }),
    quantity: fc.integer({ min: 1, max: 500 }),
  })
  const lines = fc.array(line, { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(fc.constantFrom('JPY', 'EUR', 'KWD', 'CLF'), lines, (currency, ordered) => {
      const sold = ordered.map(({ minor }, at) =>
        offered(`s${at}`, decimalText({ minor: BigInt(minor), currency }), currency),
      )
      const items = ordered.map(({ quantity }, at) => ({ sku: `s${at}`, quantity }))
      const { decision } = given(...sold).when(create, { ...command, currency, items })
      const [happenedThen] = isRejection(decision) ? [] : decision
      const exact = ordered.reduce(
        (sum, { minor, quantity }) => sum + BigInt(minor) * BigInt(quantity),
        0n,
      )
      // By way of the wire: what a reader adds up is what was meant.
      const { total } = JSON.parse(JSON.stringify(happenedThen!.event.data)) as { total: number }
      expect(moneyOf(total, currency)).toEqual({ minor: exact, currency })
    }),
  )
})
