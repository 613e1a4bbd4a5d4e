import { describe, expect, test } from 'bun:test'
import type { PaymentMethod } from '../../shared/contracts/orders.ts'
import { given, isRejection, now } from '../../tests/support/given.ts'
import { type CommandHandler, type Happened, happened } from '../../uow/handler.ts'
import { cancelOrder } from './cancel-order.ts'
import { markOrderPaid } from './mark-order-paid.ts'
import { markOrderReserved } from './mark-order-reserved.ts'
import { markOrderShipped } from './mark-order-shipped.ts'
import { type OrderEvent, orders } from './order.aggregate.ts'
import { payOrder } from './pay-order.ts'

const order_id = '0197a000-0000-7000-8000-000000000001'
const customer_id = '0197a000-0000-7000-8000-000000000002'

const was = (event: OrderEvent) => happened(orders, order_id, event)
const createdWith = (payment_method: PaymentMethod | null) =>
  was({
    type: 'OrderCreated',
    data: {
      order_id,
      customer_id,
      items: [],
      total: 0,
      currency: 'EUR',
      shipping_address: null,
      payment_method,
      locale: null,
      created_at: now.toISOString(),
    },
  })
const created = createdWith(null)
const reserved = was({ type: 'OrderReserved', data: { order_id } })
const requested = was({
  type: 'OrderPaymentRequested',
  data: { order_id, payment_method: 'card-ok' },
})
const payment = { payment_id: 'charge-1', payment_method: 'card-ok' } as const
const paid = was({ type: 'OrderPaid', data: { order_id, ...payment } })
const shipment = { shipment_id: 'shipment-1', carrier: 'Aero' }
const shipped = was({ type: 'OrderShipped', data: { order_id, ...shipment } })
const cancelled = was({ type: 'OrderCancelled', data: { order_id, reason: null } })

const past = {
  nothing: [],
  CREATED: [created],
  RESERVED: [created, reserved],
  PAID: [created, reserved, requested, paid],
  SHIPPED: [created, reserved, paid, shipped],
  CANCELLED: [created, cancelled],
} as const satisfies Readonly<Record<string, readonly Happened[]>>
const decided = (
  step: CommandHandler<never>,
  command: object,
  happenedBefore: readonly Happened[],
) => {
  const { events, rejected } = given(...happenedBefore).when(step, command as never)
  return rejected ?? (events.join(' ') || 'nothing new')
}
const steps = {
  reserve: [markOrderReserved, { order_id }],
  pay: [markOrderPaid, { order_id, ...payment }],
  ship: [markOrderShipped, { order_id, ...shipment }],
  request: [payOrder, { order_id, payment_method: 'card-ok' }],
  cancel: [cancelOrder, { order_id }],
} as const
const no = 'invalid-transition'

describe('an order', () => {
  test.each([
    ['nothing', 'not-found', 'not-found', 'not-found', 'not-found', 'not-found'],
    ['CREATED', 'OrderReserved', no, no, no, 'OrderCancelled'],
    ['RESERVED', 'nothing new', 'OrderPaid', no, 'OrderPaymentRequested', 'OrderCancelled'],
    ['PAID', 'nothing new', 'nothing new', 'OrderShipped', no, 'OrderCancelled'],
    ['SHIPPED', 'nothing new', 'nothing new', 'nothing new', no, no],
    ['CANCELLED', no, no, no, no, no],
  ] as const)(
    'that is %s: reserve %s, pay %s, ship %s, ask to be charged %s, cancel %s',
    (state, ...[reserve, pay, ship, ask, cancel]) => {
      const ends = Object.values(steps).map(([step, command]) =>
        decided(step as CommandHandler<never>, command, past[state]),
      )
      expect(ends).toEqual([reserve, pay, ship, ask, cancel])
    },
  )
  test('that was shipped cannot be cancelled, and it is said why', () => {
    const { decision } = given(...past.SHIPPED).when(cancelOrder, { order_id })
    expect(isRejection(decision) && decision.rejected.detail).toContain('has left the house')
  })
  test('is cancelled with the reason that was given, or none', () => {
    const cancel = (command: object) =>
      given(created).when(cancelOrder, { order_id, ...command }).decision
    expect(cancel({ reason: 'late' })).toMatchObject([{ event: { data: { reason: 'late' } } }])
    expect(cancel({})).toMatchObject([{ event: { data: { reason: null } } }])
  })
  test('that is paid by another charge has two of them: one has to be given back', () => {
    const second = { order_id, ...payment, payment_id: 'charge-2' }
    expect(given(...past.PAID).when(markOrderPaid, second).rejected).toBe(no)
    expect(given(...past.SHIPPED).when(markOrderPaid, second).rejected).toBe(no)
  })
  test('is not shipped twice', () => {
    const second = { order_id, ...shipment, shipment_id: 'shipment-2' }
    expect(given(...past.SHIPPED).when(markOrderShipped, second).rejected).toBe(no)
  })
  test('that is being charged is not charged again, whoever asked first', () => {
    const again = (...before: readonly Happened[]) =>
      given(...before).when(payOrder, { order_id, payment_method: 'card-late' }).rejected
    expect(again(created, reserved, requested)).toBe(no)
    expect(again(createdWith('card-ok'), reserved)).toBe(no)
  })
})

describe('with tokens', () => {
  const ana = { id: customer_id, agent: false }
  const bob = { id: 'bob', agent: false }
  test('an order is its customer’s to cancel and to pay, or an agent’s, and nobody else’s', () => {
    const cancel = (sender: { id: string; agent: boolean }) =>
      given(...past.RESERVED)
        .by(sender)
        .when(cancelOrder, { order_id })
    const pay = (sender: { id: string; agent: boolean }) =>
      given(...past.RESERVED)
        .by(sender)
        .when(payOrder, { order_id, payment_method: 'card-ok' })
    for (const step of [cancel, pay]) {
      expect(step(ana).rejected).toBeUndefined()
      expect(step({ ...bob, agent: true }).rejected).toBeUndefined()
      expect(step(bob).rejected).toBe('not-found')
    }
  })
})
