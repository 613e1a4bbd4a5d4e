import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { orderEvents } from '../../shared/contracts/orders.ts'
import { newId } from '../../shared/kernel/ids.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { commandOf, endOf, testWriteSide, type WriteSide } from '../../tests/support/write-side.ts'
import { somebodyWaits, whileHeld } from '../../tests/support/uow-harness.ts'
import { readStream } from '../../uow/event-log.ts'
import type { OwnedReceipt } from '../../uow/receipts.ts'

let side: WriteSide
beforeAll(async () => {
  side = await testWriteSide()
}, 60_000)
afterAll(() => side.close())

const sell = async (price = 16.25, currency = 'EUR') => {
  const product_id = newId()
  const sku = `sku-${product_id}`
  const product = { product_id, sku, name: sku, price, currency, description: null, stock: 10 }
  await side.settle([commandOf('CreateProduct', product_id, product)])
  return { product_id, sku }
}
const order = (order_id: string, ...items: readonly { sku: string; quantity: number }[]) =>
  commandOf('CreateOrder', order_id, {
    order_id,
    customer_id: 'customer-1',
    items: [...items],
    currency: 'EUR',
    shipping_address: null,
    payment_method: null,
    locale: null,
  })
const steps = {
  reserve: (order_id: string) => commandOf('MarkOrderReserved', order_id, { order_id }),
  request: (order_id: string) =>
    commandOf('PayOrder', order_id, { order_id, payment_method: 'card-ok' }),
  pay: (order_id: string) =>
    commandOf('MarkOrderPaid', order_id, {
      order_id,
      payment_id: 'charge-1',
      payment_method: 'card-ok',
    }),
  ship: (order_id: string) =>
    commandOf('MarkOrderShipped', order_id, {
      order_id,
      shipment_id: 'shipment-1',
      carrier: null,
    }),
  cancel: (order_id: string) => commandOf('CancelOrder', order_id, { order_id }),
} as const satisfies Readonly<Record<string, (id: string) => Envelope>>
type Step = keyof typeof steps

const ended = (receipt: OwnedReceipt) => `${endOf(receipt)} ${receipt.version}`
const forget = () => side.database.query('TRUNCATE uow.stream, uow.snapshot')
const created = async (sku: string) => {
  const id = newId()
  await side.settle([order(id, { sku, quantity: 1 })])
  return id
}

test('an order goes its way, and every receipt tells its version', async () => {
  const { sku } = await sell()
  const id = newId()
  const way = [
    order(id, { sku, quantity: 2 }),
    steps.reserve(id),
    steps.request(id),
    steps.pay(id),
    steps.ship(id),
    steps.cancel(id),
  ]
  const ends: string[] = []
  for (const command of way) ends.push(ended((await side.settle([command]))[0]!))
  expect(ends).toEqual([
    'OrderCreated 1',
    'OrderReserved 2',
    'OrderPaymentRequested 3',
    'OrderPaid 4',
    'OrderShipped 5',
    'invalid-transition 5',
  ])
  const [first] = await readStream(side.database, 'orders', id)
  expect(first).toMatchObject({
    type: 'aeroalpes.orders.OrderCreated.v2',
    data: { total: 32.5, currency: 'EUR', items: [{ sku, name: sku, price: 16.25, quantity: 2 }] },
  })
})

describe('events are all that is kept of orders', () => {
  const names = Object.keys(steps) as Step[]
  // Every order goes another way, allowed steps and others.
  const wayOf = (at: number): readonly Step[] =>
    Array.from({ length: 7 }, (_, step) => names[(at * 7 + step * (1 + (at % 4))) % 5]!)
  const walked = async (between: () => Promise<unknown>) => {
    const { sku } = await sell()
    const ids = Array.from({ length: 60 }, () => newId())
    await side.settle(ids.map((id) => order(id, { sku, quantity: 1 })))
    const ends: string[][] = []
    for (let step = 0; step < 7; step += 1) {
      await between()
      const commands = ids.map((id, at) => steps[wayOf(at)[step]!](id))
      const receipts = await side.settle(commands)
      const byCommand = new Map(receipts.map((receipt) => [receipt.command_id, receipt]))
      ends.push(commands.map((command) => ended(byCommand.get(command.id)!)))
    }
    return ends
  }
  test('with streams and snapshots thrown away at every step the answers are the same', async () => {
    const kept = await walked(async () => {})
    const [snapshots] = await side.database.query<{ count: number }>(
      'SELECT count(*)::integer AS count FROM uow.snapshot',
    )
    // Otherwise nothing would be thrown away.
    expect(snapshots!.count).toBeGreaterThan(0)
    expect(new Set(kept.flat()).size).toBeGreaterThan(8)
    expect(await walked(forget)).toEqual(kept)
  })

  test('of the first version, without a currency, too', async () => {
    const id = newId()
    const { sku } = await sell()
    const source = await created(sku)
    const [{ data } = { data: {} }] = await readStream(side.database, 'orders', source)
    const { currency: _, ...before } = data as { currency: string }
    await side.database.query(
      `INSERT INTO uow.event (stream_module, stream_id, version, id, type, data, time,
         correlation_id, causation_id, command_id)
       VALUES ('orders', $1::text, 1, $2::uuid, 'aeroalpes.orders.OrderCreated.v1', $3::json, now(), 'c', 'c', 'c')`,
      [id, newId(), { ...before, order_id: id }],
    )
    expect(orderEvents.OrderCreated.version).toBe(2)
    const [receipt] = await side.settle([steps.cancel(id)])
    expect(ended(receipt!)).toBe('OrderCancelled 2')
  })
})

describe('prices', () => {
  test('are those of the moment: an order is made at one price, and what is changed later stays out of it', async () => {
    const { product_id, sku } = await sell(1)
    const changes = Array.from({ length: 40 }, (_, at) =>
      commandOf('UpdateProduct', product_id, { product_id, price: at + 2 }),
    )
    const made = Array.from({ length: 160 }, () => order(newId(), { sku, quantity: 3 }))
    const mixed = made.flatMap((each, at) => (at % 4 ? [each] : [changes[at / 4]!, each]))
    const receipts = await side.storm(mixed)
    expect(receipts.filter(({ status }) => status !== 'completed')).toEqual([])
    const orders = await side.database.query<{ total: number; price: number }>(
      `SELECT (data->>'total')::float AS total, (data->'items'->0->>'price')::float AS price
       FROM uow.event WHERE stream_id = ANY($1::text[]) AND stream_module = 'orders'`,
      [made.map(({ subject }) => subject)],
    )
    expect(orders).toHaveLength(160)
    for (const { total, price } of orders) expect(total).toBe(price * 3)
    expect(new Set(orders.map(({ price }) => price)).size).toBeGreaterThan(1)
  })

  test('may be read by many orders at once', async () => {
    const { sku } = await sell()
    const sharing = 'SELECT FROM write.offers WHERE id = ANY($1::text[]) FOR SHARE'
    const make = () => side.settle([order(newId(), { sku, quantity: 1 })])
    const [receipt] = await whileHeld(side.database, [sku], make, sharing)
    expect(endOf(receipt!)).toBe('OrderCreated')
  })
  test('that are being changed are waited for', async () => {
    const { sku } = await sell()
    const id = newId()
    const changing = 'UPDATE write.offers SET price = 1.00 WHERE id = ANY($1::text[])'
    const [made] = await whileHeld(
      side.database,
      [sku],
      async () => {
        const settled = side.settle([order(id, { sku, quantity: 1 })])
        await somebodyWaits(side.database)
        return [settled]
      },
      changing,
    )
    expect(endOf((await made!)[0]!)).toBe('OrderCreated')
    const [event] = await readStream(side.database, 'orders', id)
    expect(event?.data).toMatchObject({ total: 1 })
  })
})

test('an order for what nobody sells, or for another currency, is rejected and leaves nothing', async () => {
  const yen = await sell(1000, 'JPY')
  const [unknown, foreign] = [newId(), newId()]
  const receipts = await side.settle([
    order(unknown, { sku: 'nobody-sells-this', quantity: 1 }),
    order(foreign, { sku: yen.sku, quantity: 1 }),
  ])
  expect(receipts.map(endOf).toSorted()).toEqual(['currency-mismatch', 'unknown-sku'])
  const left = await side.database.query(
    `SELECT FROM uow.stream WHERE id = ANY($1::text[])
     UNION ALL SELECT FROM uow.event WHERE stream_id = ANY($1::text[])`,
    [[unknown, foreign]],
  )
  expect(left).toHaveLength(0)
})

test('an order of a thousand products is one command', async () => {
  const skus: string[] = []
  const products = Array.from({ length: 1000 }, () => {
    const product_id = newId()
    skus.push(product_id)
    const money = { price: 0.01, currency: 'EUR' }
    const product = { product_id, sku: product_id, name: 'x', description: null, stock: 1 }
    return commandOf('CreateProduct', product_id, { ...product, ...money })
  })
  await side.storm(products)
  const id = newId()
  const [receipt] = await side.settle([
    order(id, ...skus.map((sku) => ({ sku, quantity: 1_000_000 }))),
  ])
  expect(endOf(receipt!)).toBe('OrderCreated')
  const [event] = await readStream(side.database, 'orders', id)
  expect(event?.data).toMatchObject({ total: 10_000_000 })
}, 20_000)
