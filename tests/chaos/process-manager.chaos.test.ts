import { afterAll, beforeAll, expect, test } from 'bun:test'
import { assembleFleet, type Fleet } from '../support/chaos-fleet.ts'
import { printedSeed, randomFrom, rounds } from '../support/chaos-random.ts'
import { accepted, finished } from '../support/client.ts'
import { eventually, type RunningProcess } from '../support/system.ts'

let fleet: Fleet
let api: RunningProcess
beforeAll(async () => {
  fleet = await assembleFleet()
  api = await fleet.run(['command-api', 'command-worker', 'relay'])
}, 60_000)
afterAll(() => fleet.end(), 60_000)

const address = { street: 'Calle 26 #103-9', city: 'Bogotá', postal_code: '111321', country: 'CO' }
const nowhere = { ...address, postal_code: '00000' }
/** What is ordered, and how it has to end. */
const kinds = [
  { wishes: { payment_method: 'card-ok', shipping_address: address }, end: 'OrderShipped' },
  { wishes: { payment_method: 'card-ok' }, end: 'OrderShipped' },
  { wishes: { payment_method: 'card-declined', shipping_address: address }, end: 'OrderCancelled' },
  { wishes: { payment_method: 'card-ok', shipping_address: nowhere }, end: 'OrderCancelled' },
] as const

const endsOf = async () => {
  const rows = await fleet.sql<{ id: string; end: string }[]>`
    SELECT stream_id AS id, split_part(type, '.', 3) AS end FROM uow.event
    WHERE stream_module = 'orders' AND type ~ 'Order(Shipped|Cancelled)'`
  return rows
}
const countOf = async (type: string) => {
  const [row] = await fleet.sql<{ count: number }[]>`
    SELECT count(*)::int FROM uow.event WHERE split_part(type, '.', 3) = ${type}`
  return row?.count ?? 0
}

test('a process manager killed again and again leaves no order stuck, and none both shipped and cancelled', async () => {
  const seed = printedSeed('killing the process manager')
  const random = randomFrom(seed)
  const product = await accepted(`${api.commandUrl}/products`, {
    name: 'Pillow',
    sku: 'chaos',
    price: 5,
    stock: 1000,
  })
  await finished(product)
  let manager = await fleet.run(['process-manager'])
  const expected = new Map<string, string>()
  const orderSome = async (count: number) => {
    for (let made = 0; made < count; made++) {
      const { wishes, end } = kinds[Math.floor(random() * kinds.length)]!
      const body = { customer_id: 'c', items: [{ sku: 'chaos', quantity: 2 }], ...wishes }
      const { id } = await accepted(`${api.commandUrl}/orders`, body)
      expected.set(id, end)
    }
  }
  for (let round = 0; round < rounds(4); round += 1) {
    await orderSome(5 + Math.floor(random() * 20))
    await manager.kill()
    await orderSome(3)
    manager = await fleet.run(['process-manager'])
  }
  await eventually(
    'every order has ended, and every saga',
    async () => {
      const [left] = await fleet.sql<{ count: number }[]>`
        SELECT count(*)::int FROM uow.saga WHERE ended_at IS NOT NULL`
      return left?.count === expected.size
    },
    60,
  )
  const ends = await endsOf()
  expect(ends.length).toBe(expected.size)
  expect(new Map(ends.map(({ id, end }) => [id, end]))).toEqual(expected)

  const shipped = [...expected.values()].filter((end) => end === 'OrderShipped').length
  const [stock] = await fleet.sql`SELECT on_hand, held FROM write.stock WHERE sku = 'chaos'`
  expect(stock).toEqual({ on_hand: 1000 - 2 * shipped, held: 0 })
  expect((await countOf('PaymentProcessed')) - (await countOf('PaymentRefunded'))).toBe(shipped)
  const [timers] = await fleet.sql`SELECT count(*)::int FROM uow.timer WHERE state = 'set'`
  expect(timers).toEqual({ count: 0 })
  const [dead] = await fleet.sql`SELECT count(*)::int FROM delivery.lane_message`
  expect(dead).toEqual({ count: 0 })
}, 120_000)
