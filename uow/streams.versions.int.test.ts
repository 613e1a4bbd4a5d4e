import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { newId } from '../shared/kernel/ids.ts'
import { accountId, bankCommand } from '../tests/support/uow-bank.ts'
import { ends, failureOf } from '../tests/support/uow-harness.ts'
import {
  addItem,
  createOrder,
  openOrderHouse,
  type OrderHouse,
  orderModule,
} from '../tests/support/uow-order-house.ts'
import {
  CreateOrder,
  type Order,
  type OrderEvent,
  orderEvents,
  orderModel,
  ordersOf,
} from '../tests/support/uow-orders.ts'
import { eventSourced } from './aggregate.ts'
import { handler, lock, rejected, type WriteModel } from './handler.ts'
import { withUnitOfWork } from './with-unit-of-work.ts'

let house: OrderHouse
const [a, b] = [accountId(1), accountId(2)] as const

beforeAll(async () => {
  house = await openOrderHouse()
}, 60_000)
beforeEach(() => house.clear())
afterAll(() => house.close())

/** An event as another build has recorded it, and its stream with it. */
const recorded = async (id: string, version: number, type: string, data: object) => {
  await house.database.query(
    `INSERT INTO uow.event VALUES ($1, $2, $3::integer, $4::uuid, $5, $6::json, now(), 'c', 'c', 'c')`,
    [orderModule, id, version, newId(), `aeroalpes.trial-orders.${type}`, data],
  )
  await house.database.query(
    `INSERT INTO uow.stream VALUES ($1, $2, $3::integer)
     ON CONFLICT (module, id) DO UPDATE SET version = EXCLUDED.version`,
    [orderModule, id, version],
  )
}

/** The state of an order, as a command with `orders` gets to see it. */
const stateOf = async (id: string, orders = ordersOf()): Promise<Order | undefined> => {
  let seen: Order | undefined
  const look = handler<{ readonly id: string }>({
    contract: CreateOrder,
    locks: (command) => [lock(orders, command.id)],
    decide(command, rows) {
      seen = rows.get(orders, command.id)
      return rejected('seen', 'only looking')
    },
  })
  const registered = { handler: look, mapper: (data: unknown) => data }
  const model: WriteModel = { ...orderModel(orders), handlers: { [CreateOrder.type]: registered } }
  await withUnitOfWork(house.database, model, createOrder(id))
  return seen
}

test('events of an earlier version are folded as if they were of today', async () => {
  await recorded(a, 1, 'OrderCreated.v1', { total: 100 })
  await recorded(a, 2, 'ItemAdded.v1', { price: 20, total: 120 })
  expect(await stateOf(a)).toMatchObject({ currency: 'EUR', total: 120, items: [20], version: 2 })
  await house.settle([addItem(a, 30)])
  expect(await house.totals(a)).toEqual([100, 120, 150])
})

test('a recorded event is left as it was recorded', async () => {
  await recorded(a, 1, 'OrderCreated.v1', { total: 100 })
  await house.settle([addItem(a), addItem(a), addItem(a)])
  const [first] = await house.database.query('SELECT type, data FROM uow.event WHERE version = 1')
  expect(first).toEqual({ type: 'aeroalpes.trial-orders.OrderCreated.v1', data: { total: 100 } })
})

test.each([
  ['unknown-version', 'ItemAdded.v9', { surprise: 1 }],
  ['unreadable-event', 'ItemAdded.v1', { price: 'much' }],
  ['unreadable-event', 'OrderEaten.v1', {}],
])('a stream with %s fails its own command and no other', async (slug, type, data) => {
  await recorded(a, 1, 'OrderCreated.v2', { total: 1, currency: 'EUR' })
  await recorded(a, 2, type, data)
  const failing = addItem(a)
  const batch = [createOrder(b), addItem(b), failing]
  expect(await failureOf(() => house.run(batch))).toMatchObject({ slug, blamed: failing.id })
  expect(ends(await house.settle(batch.slice(0, 2)))).toEqual(['ok', 'ok'])
})

test('a state folded from a snapshot is the one folded from all events', async () => {
  const ids = [a, b]
  const prices = [5, 7, -3, 11, 2, 8]
  await house.settle(
    ids.flatMap((id) => [createOrder(id, 4), ...prices.map((p) => addItem(id, p))]),
  )
  await house.settle([addItem(a, 13)])
  expect(await house.snapshots()).toHaveLength(2)
  const folded = await Promise.all(ids.map((id) => stateOf(id)))
  await house.database.query('TRUNCATE uow.snapshot')
  expect(await Promise.all(ids.map((id) => stateOf(id)))).toEqual(folded)
  expect(folded.map((order) => order?.version)).toEqual([8, 7])
})

/** A later build, whose states have another form. */
const countedOrders = eventSourced<Order, OrderEvent>({
  name: orderModule,
  rank: 15,
  contracts: orderEvents,
  stateVersion: 2,
  snapshotEvery: 3,
  evolve: (before, event, at) => ({
    ...ordersOf().evolve(before, event, at),
    added: (before?.added ?? 0) + (event.type === 'ItemAdded' ? 1 : 0),
  }),
})

test('a build with another state version ignores the snapshots of before, and writes its own', async () => {
  await house.settle([createOrder(a), addItem(a), addItem(a), addItem(a)])
  expect((await house.snapshots())[0]).toMatchObject({ state_version: 1 })
  const add = addItem(a, 5)
  await withUnitOfWork(house.database, orderModel(countedOrders), add)
  expect((await house.snapshots())[0]).toMatchObject({ state_version: 2, version: 5 })
  expect(await stateOf(a, countedOrders)).toMatchObject({ added: 4 })
})

test('an older build beside it folds without the newer snapshots, and leaves them alone', async () => {
  await house.settle([createOrder(a), addItem(a)])
  await withUnitOfWork(house.database, orderModel(countedOrders), addItem(a))
  expect((await house.snapshots())[0]).toMatchObject({ state_version: 2, version: 3 })
  await house.settle([addItem(a), addItem(a), addItem(a), addItem(a)])
  expect((await house.snapshots())[0]).toMatchObject({ state_version: 2, version: 3 })
  expect(await stateOf(a)).not.toHaveProperty('added')
  expect(await stateOf(a, countedOrders)).toMatchObject({ added: 6, version: 7 })
})

test('commands of an earlier version do what those of today do, mixed as they come', async () => {
  const before = bankCommand({ type: 'aeroalpes.trial-orders.CreateOrder.v1' }, { id: a, total: 3 })
  expect(ends(await house.settle([before, createOrder(b, 4), addItem(a)]))).toEqual([
    'ok',
    'ok',
    'ok',
  ])
  expect(await stateOf(a)).toMatchObject({ currency: 'EUR', total: 4 })
})

test('a command of a newer version, or with data its version does not know, is named', async () => {
  const newer = bankCommand({ type: 'aeroalpes.trial-orders.CreateOrder.v3' }, { id: a })
  const wrong = bankCommand({ type: 'aeroalpes.trial-orders.CreateOrder.v1' }, { id: a, sum: 3 })
  expect(await failureOf(() => house.run([createOrder(b), newer]))).toMatchObject({
    slug: 'unknown-version',
    blamed: newer.id,
  })
  expect(await failureOf(() => house.run([createOrder(b), wrong]))).toMatchObject({
    slug: 'unreadable-message',
    blamed: wrong.id,
  })
})
