import { afterAll, beforeAll, expect, test } from 'bun:test'
import { newId } from '../../shared/kernel/ids.ts'
import { orderCreated } from '../../tests/support/order-events.ts'
import { testReadSide, type TestReadSide } from '../../tests/support/query-app.ts'
import { envelopeOf } from '../../tests/support/recorded-events.ts'

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
afterAll(() => readSide.close())

const prepared = (order_id: string) =>
  envelopeOf('ShipmentPrepared', order_id, 1, {
    order_id,
    shipment_id: newId(),
    carrier: 'Alpes Express',
    tracking: 'AA1CO',
    country: 'CO',
    items: [{ sku: 'prod-1', name: 'Pillow', quantity: 1 }],
    customs_note: null,
  })

test('a shipment is read with its carrier, and without one once it is cancelled', async () => {
  const order_id = newId()
  const row = async () => {
    const found = 'SELECT status, carrier, tracking FROM read.shipments WHERE id = $1::uuid'
    return (await readSide.database.query<object>(found, [order_id]))[0]
  }
  await readSide.project(prepared(order_id))
  expect(await row()).toEqual({ status: 'PREPARED', carrier: 'Alpes Express', tracking: 'AA1CO' })
  await readSide.project(
    envelopeOf('ShipmentCancelled', order_id, 2, { order_id, shipment_id: null, reason: 'unpaid' }),
  )
  expect(await row()).toEqual({ status: 'CANCELLED', carrier: null, tracking: null })
})

test('the history of an order tells of its payment and its shipment', async () => {
  const order_id = newId()
  const charge = {
    order_id,
    payment_key: order_id,
    amount: 42.5,
    currency: 'EUR',
    payment_method: 'card-ok',
  }
  const requested = envelopeOf('PaymentRequested', order_id, 1, charge)
  await readSide.project(
    orderCreated(order_id),
    { ...requested, id: newId() },
    { ...prepared(order_id), id: newId() },
  )
  const answer = await readSide.app().request(`/orders/${order_id}/history`)
  const { items } = (await answer.json()) as { items: { module: string; data: object }[] }
  expect(items.map(({ module }) => module).toSorted()).toEqual(['orders', 'payments', 'shipping'])
  expect(items.find(({ module }) => module === 'payments')?.data).toEqual(charge)
})
