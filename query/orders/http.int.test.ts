import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { sign } from 'hono/jwt'
import { newId } from '../../shared/kernel/ids.ts'
import {
  orderCreated,
  orderItem,
  orderPaid,
  orderReserved,
  orderShipped,
} from '../../tests/support/order-events.ts'
import { jwtSecret, testReadSide, type TestReadSide } from '../../tests/support/query-app.ts'
import {
  envelopeOf,
  keepKey,
  minute,
  person,
  registered,
} from '../../tests/support/recorded-events.ts'

interface Page<Item> {
  readonly items: readonly Item[]
  readonly next_cursor: string | null
}
interface Listed {
  readonly order_id: string
  readonly customer: object | null
}

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
afterAll(() => readSide.close())
beforeEach(() =>
  readSide.database.query('TRUNCATE read.orders, read.order_history, read.stock_holds'),
)

const get = (path: string, headers: Record<string, string> = {}) =>
  readSide.app().request(path, { headers })
const read = async <T = Record<string, unknown>>(path: string) =>
  (await (await get(path)).json()) as T
const listed = async (path: string) =>
  (await read<Page<Listed>>(path)).items.map(({ order_id }) => order_id)

describe('one order', () => {
  test('is shown as the contract says', async () => {
    const id = newId()
    const address = { street: 'Calle 26', city: 'Bogotá', country: 'CO' }
    const shipping_address = { ...address, recipient: null, postal_code: null }
    await readSide.project(orderCreated(id, { shipping_address }))
    const answer = await get(`/orders/${id.toUpperCase()}?min_version=1`)
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"1.1"'])
    expect(await answer.json()).toEqual({
      order_id: id,
      customer_id: 'customer-1',
      customer: null,
      items: [
        { sku: 'prod-1', name: 'Name of prod-1', price: 16.25, quantity: 2 },
        { sku: 'prod-2', name: 'Name of prod-2', price: 10, quantity: 1 },
      ],
      total: 42.5,
      currency: 'EUR',
      status: 'CREATED',
      shipping_address,
      payment_method: null,
      payment_id: null,
      shipment_id: null,
      carrier: null,
      cancel_reason: null,
      created_at: minute(1),
      updated_at: minute(1),
      version: 1,
    })
  })
  test('goes from one status to the next', async () => {
    const id = newId()
    for (const [event, more] of [
      [orderCreated(id), { status: 'CREATED' }],
      [orderReserved(id), { status: 'RESERVED' }],
      [orderPaid(id), { status: 'PAID', payment_id: 'charge-1', payment_method: 'card-ok' }],
      [orderShipped(id), { status: 'SHIPPED', shipment_id: 'shipment-1', carrier: 'Aero' }],
    ] as const) {
      await readSide.project(event)
      expect(await read(`/orders/${id}`)).toMatchObject({ ...more, version: event.sequence! })
    }
  })
  test('is shown with the reason why it is off, and with the method that was asked for', async () => {
    const order_id = newId()
    await readSide.project(
      orderCreated(order_id),
      orderReserved(order_id),
      envelopeOf('OrderPaymentRequested', order_id, 3, { order_id, payment_method: 'card-late' }),
      envelopeOf('OrderCancelled', order_id, 4, { order_id, reason: 'no answer' }),
    )
    expect(await read(`/orders/${order_id}`)).toMatchObject({
      status: 'CANCELLED',
      cancel_reason: 'no answer',
      payment_method: 'card-late',
    })
  })
  test('of the first version was in EUR', async () => {
    const id = newId()
    const event = orderCreated(id)
    const { currency: _, ...data } = event.data as { currency: string }
    await readSide.project({ ...event, type: 'aeroalpes.orders.OrderCreated.v1', data })
    expect(await read(`/orders/${id}`)).toMatchObject({ currency: 'EUR', total: 42.5 })
    const { items } = await read<Page<object>>(`/orders/${id}/history`)
    expect(items).toMatchObject([{ type: event.type, data: { currency: 'EUR' } }])
  })
  test('keeps amounts of any currency to the last digit', async () => {
    const id = newId()
    const items = [orderItem('x', 0.001, 1)]
    await readSide.project(orderCreated(id, { currency: 'KWD', items, total: 999_999_999_999.999 }))
    expect(await read(`/orders/${id}`)).toMatchObject({ total: 999_999_999_999.999 })
  })
  test('that is not there is 404, and 503 when a version of it is waited for', async () => {
    expect((await get(`/orders/${newId()}`)).status).toBe(404)
    expect((await get(`/orders/${newId()}/history`)).status).toBe(404)
    expect((await get('/orders/7')).status).toBe(400)
    expect((await get(`/orders/${newId()}?min_version=1`)).status).toBe(503)
  })
})

describe('the customer', () => {
  test('is named when they are a user, whichever event came first, and the tag tells', async () => {
    const [id, ana] = [newId(), person('Ana@Example.com')]
    await keepKey(readSide.database, ana)
    await readSide.project(orderCreated(id, { customer_id: ana.id }))
    const before = await get(`/orders/${id}`)
    expect(await before.json()).toMatchObject({ customer: null })
    await readSide.project(registered(ana))
    const tag = before.headers.get('etag')!
    const after = await get(`/orders/${id}`, { 'if-none-match': tag })
    expect(after.status).toBe(200)
    const customer = { name: 'Ana Ruiz', email: 'Ana@Example.com' }
    expect(await after.json()).toMatchObject({ customer })
    expect((await read<Page<Listed>>(`/orders?customer_id=${ana.id}`)).items).toMatchObject([
      { customer },
    ])
  })
  test('who was erased has neither name nor address', async () => {
    const [id, nobody] = [newId(), person()]
    await readSide.project(registered(nobody), orderCreated(id, { customer_id: nobody.id }))
    expect(await read(`/orders/${id}`)).toMatchObject({ customer: { name: null, email: null } })
  })
  test('has a list of orders, empty or not; who is no user has none', async () => {
    const [mine, ana] = [newId(), person()]
    await readSide.project(registered(ana))
    expect(await listed(`/users/${ana.id}/orders`)).toEqual([])
    await readSide.project(orderCreated(mine, { customer_id: ana.id }), orderCreated(newId()))
    expect(await listed(`/users/${ana.id}/orders`)).toEqual([mine])
    expect((await get(`/users/${newId()}/orders`)).status).toBe(404)
  })
})

describe('the list of orders', () => {
  test('is newest first, each once over its pages, and can be narrowed', async () => {
    const ids = Array.from({ length: 5 }, () => newId())
    for (const [at, id] of ids.entries())
      await readSide.project(
        orderCreated(id, { created_at: minute(at), customer_id: at % 2 ? 'odd' : 'even' }),
      )
    await readSide.project(orderReserved(ids[2]!))
    expect(await listed('/orders')).toEqual(ids.toReversed())
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: Page<Listed> = await read(`/orders?limit=2${cursor && `&cursor=${cursor}`}`)
      seen.push(...page.items.map(({ order_id }) => order_id))
      cursor = page.next_cursor
    }
    expect(seen).toEqual(ids.toReversed())
    expect(await listed('/orders?customer_id=odd')).toEqual([ids[3]!, ids[1]!])
    expect(await listed('/orders?status=RESERVED')).toEqual([ids[2]!])
    expect(await listed('/orders?status=CREATED&customer_id=even')).toEqual([ids[4]!, ids[0]!])
  })
  test.each(['status=NONE', 'limit=0', 'cursor=x', 'customer_id='])('?%s is 400', async (query) => {
    expect((await get(`/orders?${query}`)).status).toBe(400)
  })
})

test('with tokens customers see their own orders, and agents everybody’s', async () => {
  const [mine, theirs] = [newId(), newId()]
  await readSide.project(
    orderCreated(mine, { customer_id: 'ana' }),
    orderCreated(theirs, { customer_id: 'bob' }),
  )
  const app = readSide.app({ auth: 'jwt' })
  const as = async (path: string, claims?: object) => {
    const exp = Math.floor(Date.now() / 1000) + 60
    const token = claims && (await sign({ exp, ...claims }, jwtSecret))
    return app.request(path, token ? { headers: { authorization: `Bearer ${token}` } } : {})
  }
  const ana = { sub: 'ana' }
  const agent = { sub: 'eve', role: 'agent' }
  for (const path of [mine, theirs].map((id) => `/orders/${id}`))
    for (const tail of ['', '/history', `?at=${minute(5)}`]) {
      expect((await as(path + tail)).status).toBe(401)
      expect((await as(path + tail, agent)).status).toBe(200)
      expect((await as(path + tail, ana)).status).toBe(path.includes(mine) ? 200 : 404)
    }
  // Nor does waiting for a version tell that there is one, and how far it is.
  const waited = await as(`/orders/${theirs}/history?min_version=9`, ana)
  expect(await waited.json()).toMatchObject({ status: 503, lag: { version: null } })
  const page = (await (await as('/orders?customer_id=bob', ana)).json()) as Page<Listed>
  expect(page.items).toEqual([])
  const own = (await (await as('/orders', ana)).json()) as Page<Listed>
  expect(own.items.map(({ order_id }) => order_id)).toEqual([mine])
})
