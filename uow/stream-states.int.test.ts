import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { openDatabase } from '../shared/postgres/database.ts'
import { accountId } from '../tests/support/uow-bank.ts'
import {
  addItem,
  createOrder,
  holdingStreams,
  openOrderHouse,
  type OrderHouse,
} from '../tests/support/uow-order-house.ts'
import { somebodyWaits, whileHeld } from '../tests/support/uow-harness.ts'
import { ordersOf } from '../tests/support/uow-orders.ts'
import { aggregateCatalog } from './kept-aggregate.ts'
import type { Changed } from './state-store.ts'

let house: OrderHouse
const [a, b, c] = [accountId(1), accountId(2), accountId(3)] as const
const orders = ordersOf()
const { store } = aggregateCatalog().of(orders)

beforeAll(async () => {
  house = await openOrderHouse()
}, 60_000)
beforeEach(async () => {
  await house.clear()
  await house.settle([createOrder(a), createOrder(b), addItem(b)])
})
afterAll(() => house.close())

const decidedOn = (id: string, version: number): Changed => ({
  row: { id, version: version + 1 },
  found: version > 0 ? { id, row: { id, version } } : undefined,
})

test('only what is still at the version that was decided on is written', async () => {
  const saved = await house.database.transaction((transaction) =>
    store.save(transaction, [decidedOn(b, 1), decidedOn(a, 1), decidedOn(c, 1)]),
  )
  expect(saved).toEqual([a])
  expect((await house.streams()).map(({ version }) => version)).toEqual([2, 2])
})

test('only what is still absent is begun', async () => {
  const saved = await house.database.transaction((transaction) =>
    store.save(transaction, [decidedOn(c, 0), decidedOn(a, 0)]),
  )
  expect(saved).toEqual([c])
  expect((await house.streams()).map(({ version }) => version)).toEqual([1, 2, 1])
})

test('streams are held in the order of their ids, wherever they are in the table', async () => {
  await house.clear()
  for (const id of [c, b, a]) await house.settle([createOrder(id)])
  // A connection of its own: no plan from before, and none that goes by the index.
  const other = openDatabase(house.database.url, { name: 'test', max: 2 })
  const freeOf = async (id: string) => {
    const free = 'SELECT FROM uow.stream WHERE id = $1 FOR UPDATE SKIP LOCKED'
    return (await house.database.query(free, [id])).length
  }
  const waiting = await whileHeld(
    house.database,
    [b],
    async () => {
      const locking = other.transaction(async (transaction) => {
        await transaction.query('SET LOCAL enable_indexscan = off')
        await transaction.query('SET LOCAL enable_bitmapscan = off')
        return store.lock(transaction, [c, b, a], 'FOR UPDATE')
      })
      await somebodyWaits(house.database)
      expect([await freeOf(a), await freeOf(c)]).toEqual([0, 1])
      return { locking }
    },
    holdingStreams,
  )
  expect(await waiting.locking).toHaveLength(3)
  await other.close()
})
