import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { encodeCursor } from '../../shared/http/paging.ts'
import { newId } from '../../shared/kernel/ids.ts'
import {
  orderCreated,
  orderPaid,
  orderReserved,
  orderShipped,
  stockReserved,
} from '../../tests/support/order-events.ts'
import { testReadSide, type TestReadSide } from '../../tests/support/query-app.ts'
import { minute } from '../../tests/support/recorded-events.ts'

interface Page<Item> {
  readonly items: readonly Item[]
}

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
afterAll(() => readSide.close())
beforeEach(() =>
  readSide.database.query('TRUNCATE read.orders, read.order_history, read.stock_holds'),
)

const get = async (path: string) => readSide.app().request(path)
const read = async <T = Record<string, unknown>>(path: string) =>
  (await (await get(path)).json()) as T

describe('the history', () => {
  test('tells what happened to the order and to its stock, and what caused it', async () => {
    const id = newId()
    const cause = { correlationId: 'the request', causationId: 'the command' }
    await readSide.project(
      { ...orderCreated(id), ...cause },
      { ...stockReserved(id), time: minute(1), ...cause, causationId: 'another command' },
      orderReserved(id),
      orderCreated(newId()),
    )
    const { items } = await read<Page<{ type: string }>>(`/orders/${id}/history?min_version=2`)
    expect(items.map(({ type }) => type.split('.')[2])).toEqual([
      'StockReserved',
      'OrderCreated',
      'OrderReserved',
    ])
    expect(items[0]).toMatchObject({
      module: 'inventory',
      correlation_id: 'the request',
      causation_id: 'another command',
    })
    expect(items[1]).toEqual({
      id: orderCreated(id).id,
      module: 'orders',
      type: 'aeroalpes.orders.OrderCreated.v2',
      data: orderCreated(id).data,
      time: minute(1),
      version: 1,
      correlation_id: 'the request',
      causation_id: 'the command',
    } as never)
  })
  test('can be read in pages, each event once, whatever happened at one time', async () => {
    const id = newId()
    const time = minute(1)
    const events = [orderCreated(id), orderReserved(id), orderPaid(id), orderShipped(id)]
    await readSide.project(...[...events, stockReserved(id)].map((each) => ({ ...each, time })))
    const seen: number[] = []
    let path: string | undefined = `/orders/${id}/history?limit=2`
    while (path) {
      const answer = await get(path)
      const { items } = (await answer.json()) as Page<{ version: number }>
      seen.push(...items.map(({ version }) => version))
      path = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1]
    }
    expect(seen).toEqual([1, 1, 2, 3, 4])
  })
  test('that was kept in the form of before is told, and folded, in the one of today', async () => {
    const id = newId()
    await readSide.project(orderCreated(id))
    const today = [await read(`/orders/${id}/history`), await read(`/orders/${id}?at=${minute(5)}`)]
    await readSide.database.query(
      `UPDATE read.order_history
       SET type = 'aeroalpes.orders.OrderCreated.v1', data = (data::jsonb - 'currency')::json
       WHERE order_id = $1::uuid`,
      [id],
    )
    const kept = [await read(`/orders/${id}/history`), await read(`/orders/${id}?at=${minute(5)}`)]
    expect(kept).toEqual(today)
  })
  test.each([
    ['2026-01-01T00:00:00Z', 'orders', 2 ** 31],
    ['2026-01-01T00:00:00Z', '\0', 1],
    ['0000-01-01T00:00:00Z', 'orders', 1],
  ])('refuses the cursor [%s, %j, %d]', async (at, module, version) => {
    const id = newId()
    await readSide.project(orderCreated(id))
    const cursor = encodeCursor([at, module, version, id])
    expect((await get(`/orders/${id}/history?cursor=${cursor}`)).status).toBe(400)
  })
  test('that a newer build has begun to keep is told as it was kept', async () => {
    const id = newId()
    await readSide.project(orderCreated(id), orderReserved(id))
    await readSide.database.query(
      `UPDATE read.order_history SET type = 'aeroalpes.orders.OrderReserved.v2'
       WHERE order_id = $1::uuid AND version = 2`,
      [id],
    )
    const { items } = await read<Page<object>>(`/orders/${id}/history`)
    expect(items).toMatchObject([{}, { type: 'aeroalpes.orders.OrderReserved.v2' }])
    expect((await get(`/orders/${id}?at=${minute(1)}`)).status).toBe(200)
    const then = await get(`/orders/${id}?at=${minute(59)}`)
    expect(then.status).toBe(503)
    expect(await then.json()).toMatchObject({
      type: 'urn:aeroalpes:problem:unknown-version',
      detail: expect.stringContaining('OrderReserved.v2'),
    })
  })
  test('that came twice is told once', async () => {
    const id = newId()
    await readSide.project(orderCreated(id))
    await readSide.project(orderCreated(id), orderReserved(id))
    expect((await read<Page<object>>(`/orders/${id}/history`)).items).toHaveLength(2)
  })
})

describe('an order as it was', () => {
  const at = async (id: string, moment: string) => {
    const answer = await get(`/orders/${id}?at=${moment}`)
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  test('is what its events up to then add up to, in every detail', async () => {
    const id = newId()
    const shown: unknown[] = []
    const events = [orderCreated(id), orderReserved(id), orderPaid(id), orderShipped(id)]
    for (const event of events) {
      await readSide.project(event)
      shown.push(await read(`/orders/${id}`))
    }
    for (const [index, event] of events.entries()) {
      expect(await at(id, event.time)).toEqual({ status: 200, body: shown[index] as never })
      const later = new Date(Date.parse(event.time) + 59_999).toISOString()
      expect((await at(id, later)).body).toEqual(shown[index] as never)
    }
    const other = new Date(Date.parse(minute(2))).toISOString().replace('Z', '')
    expect((await at(id, `${other.replace('00:02', '02:02')}+02:00`)).body['version']).toBe(2)
  })
  test('before there was one is 404, and what is no moment is 400', async () => {
    const id = newId()
    await readSide.project(orderCreated(id))
    expect((await at(id, minute(0))).status).toBe(404)
    for (const moment of ['yesterday', '2026-01-01', '', '2026-01-01T00:00:00'])
      expect((await at(id, moment)).status).toBe(400)
  })
  test('goes by versions where clocks disagree: nothing is left out in the middle', async () => {
    const id = newId()
    await readSide.project(
      { ...orderCreated(id), time: minute(1) },
      { ...orderReserved(id), time: minute(9) },
      { ...orderPaid(id), time: minute(3) },
    )
    expect((await at(id, minute(4))).body['status']).toBe('CREATED')
    expect((await at(id, minute(9))).body['status']).toBe('PAID')
  })
})
