import { describe, expect, test } from 'bun:test'
import { newId } from '../../shared/kernel/ids.ts'
import { minute } from '../../tests/support/recorded-events.ts'
import type { NotifiedOrder } from './notified-order.table.ts'
import { hear, type OrderNews, type OrderNotice, unknownOrder } from './order-news.ts'

const order_id = newId()
const news = <Name extends OrderNews['name']>(
  name: Name,
  data: object,
): Extract<OrderNews, { name: Name }> =>
  ({ name, id: `id of ${name}`, time: minute(1), data: { order_id, ...data } }) as never

const created = news('OrderCreated', {
  customer_id: 'customer-1',
  locale: 'it',
  total: 42.5,
  currency: 'EUR',
})
const paid = news('OrderPaid', {})
const shipped = news('OrderShipped', { carrier: 'Aero' })
const handedOver = news('OrderShipped', { carrier: null })
const prepared = news('ShipmentPrepared', { tracking: 'AA1CO' })
const cancelled = news('OrderCancelled', { reason: 'payment declined' })

/** Given what was heard before, in this order; what is told. */
const told = (...events: readonly OrderNews[]) => {
  let order: NotifiedOrder = unknownOrder(order_id)
  const notices: OrderNotice[] = []
  for (const event of events) {
    const { after, notice } = hear(order, event)
    order = after
    if (notice) notices.push(notice)
  }
  return notices.map((notice) => [notice.id, notice.told])
}

describe('the customer of an order', () => {
  test('is told nothing when it is made: its receipt says so', () => {
    expect(told(created)).toEqual([])
  })
  test('is told that it is paid, with what it costs and the language that was asked for', () => {
    const { after } = hear(unknownOrder(order_id), created)
    expect(hear(after, paid).notice).toMatchObject({
      time: minute(1),
      order: { customer_id: 'customer-1', locale: 'it', total: '42.50', currency: 'EUR' },
      told: { kind: 'paid' },
    })
  })
  test('is told why it is off', () => {
    expect(told(created, cancelled)).toEqual([
      ['id of OrderCancelled', { kind: 'cancelled', reason: 'payment declined' }],
    ])
  })
  test('is told of its parcel with the number to track it by, whichever topic is faster', () => {
    const parcel = [
      'id of OrderShipped',
      { kind: 'shipped', carrier: 'Aero', tracking: 'AA1CO' },
    ] as const
    expect(told(created, prepared, shipped)).toEqual([[...parcel]])
    expect(told(created, shipped, prepared)).toEqual([[...parcel]])
    expect(told(prepared, created, shipped)).toEqual([[...parcel]])
    expect(told(created, shipped)).toEqual([])
  })
  test('is told once, however often the parcel is', () => {
    expect(told(created, shipped, prepared, prepared)).toHaveLength(1)
  })
  test('is not told of a parcel that has not left: its order may still be cancelled', () => {
    expect(told(created, prepared, cancelled).map(([id]) => id)).toEqual(['id of OrderCancelled'])
  })
  test('is told that it was handed over where nobody carries it', () => {
    expect(told(created, handedOver)).toEqual([
      ['id of OrderShipped', { kind: 'shipped', carrier: null, tracking: null }],
    ])
  })
})

test('news of an order that nobody has heard of are poison: to be looked at, not to be lost', () => {
  expect(() => told(paid)).toThrow('no first event')
})
