import { afterAll, beforeAll, expect, test } from 'bun:test'
import { newId } from '../shared/kernel/ids.ts'
import type { Envelope } from '../shared/messaging/envelope.ts'
import { userVault } from '../shared/vault/user-keys.ts'
import { loggedEnvelopes } from '../tests/support/logged-envelopes.ts'
import { testReadSide, type TestReadSide } from '../tests/support/query-app.ts'
import { credentialKey } from '../tests/support/recorded-events.ts'
import { commandOf, testWriteSide, type WriteSide } from '../tests/support/write-side.ts'
import { findProjection, projectionsOf } from './projection/projections.ts'
import { rebuild } from './rebuild/rebuild.ts'
import { allStreams } from './streams.ts'

let writeSide: WriteSide
let readSide: TestReadSide
beforeAll(async () => {
  ;[writeSide, readSide] = await Promise.all([testWriteSide(), testReadSide()])
}, 60_000)
afterAll(() => Promise.all([writeSide.close(), readSide.close()]))

const tables = ['read.orders', 'read.order_history', 'read.stock_holds'] as const
const dump = async () =>
  Object.fromEntries(
    await Promise.all(
      tables.map(async (table) => [
        table,
        await readSide.database.query<object>(`SELECT * FROM ${table} ORDER BY id`),
      ]),
    ),
  ) as Record<(typeof tables)[number], readonly object[]>

const project = async (events: readonly Envelope[], size: number) => {
  for (let at = 0; at < events.length; at += size)
    await readSide.project(...events.slice(at, at + size))
}

/** Orders that have come as far as each can: made, held, charged, shipped, and some cancelled. */
const trade = async () => {
  const product_id = newId()
  const product = { product_id, sku: 'traded', name: 'Traded', price: 3.35, currency: 'EUR' }
  await writeSide.settle([
    commandOf('CreateProduct', product_id, { ...product, description: null, stock: 1000 }),
  ])
  const ids = Array.from({ length: 60 }, () => newId())
  const wishes = { shipping_address: null, payment_method: null, locale: null }
  const items = [{ sku: 'traded', quantity: 3 }]
  const payment = { payment_id: 'charge', payment_method: 'card-ok' } as const
  const shipment = { shipment_id: 'shipment', carrier: 'Aero' }
  const held = [{ product_id, sku: 'traded', quantity: 3 }]
  for (const step of [
    (order_id: string) =>
      commandOf('CreateOrder', order_id, {
        ...wishes,
        order_id,
        customer_id: 'c',
        items,
        currency: 'EUR',
      }),
    (order_id: string) => commandOf('HoldStock', order_id, { order_id, items: held }),
    (order_id: string) => commandOf('MarkOrderReserved', order_id, { order_id }),
    (order_id: string, at: number) =>
      at % 3 === 0
        ? commandOf('CancelOrder', order_id, { order_id, reason: 'changed' })
        : commandOf('MarkOrderPaid', order_id, { order_id, ...payment }),
    (order_id: string, at: number) =>
      at % 3 === 0
        ? commandOf('ReleaseStock', order_id, { order_id })
        : commandOf('MarkOrderShipped', order_id, { order_id, ...shipment }),
  ])
    await writeSide.settle(ids.map((id, at) => step(id, at)))
  return ids
}
let traded: readonly string[] = []

test('orders and their history rebuilt from the event log are what they were, row by row', async () => {
  traded = await trade()
  const events = await loggedEnvelopes(writeSide.database, ['orders', 'stock-holds'])
  await project(events, 7)
  const live = await dump()
  expect(live['read.orders']).toHaveLength(60)
  expect(live['read.order_history']).toHaveLength(events.length)
  await readSide.database.query(`TRUNCATE ${tables.join(', ')}`)
  expect((await dump())['read.orders']).toEqual([])
  // In other batches, and aggregate by aggregate: topics keep no order between these either.
  await project(
    [...Map.groupBy(events, ({ subject }) => subject).values()].toReversed().flat(),
    events.length,
  )
  expect(await dump()).toEqual(live)
})

test('everything of orders but their events thrown away and rebuilt changes no answer, and no decision', async () => {
  const ids = traded.slice(0, 20)
  const answers = async () => {
    const app = readSide.app()
    const paths = ids.flatMap((id) =>
      ['', '/history', `?at=${new Date().toISOString()}`].map((tail) => `/orders/${id}${tail}`),
    )
    const shown = await Promise.all(
      ['/orders?limit=200', '/orders?status=SHIPPED', ...paths].map((path) => app.request(path)),
    )
    return Promise.all(shown.map(async (each) => [each.headers.get('etag'), await each.text()]))
  }
  const before = await answers()
  await writeSide.database.query('TRUNCATE uow.stream, uow.snapshot')
  await readSide.database.query(`TRUNCATE ${tables.join(', ')}`)
  const streams = allStreams(userVault(writeSide.database, credentialKey))
  const projection = findProjection(projectionsOf(streams), 'orders')
  await rebuild(projection!, { log: writeSide.database, read: readSide.database })
  expect(await answers()).toEqual(before)
  const again = ids.map((order_id) => commandOf('CancelOrder', order_id, { order_id }))
  expect((await writeSide.settle(again)).map(({ status }) => status)).toEqual(
    ids.map(() => 'rejected'),
  )
})
