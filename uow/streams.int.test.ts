import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Envelope } from '../shared/messaging/envelope.ts'
import { accountId, bankCommand, Credit, Open } from '../tests/support/uow-bank.ts'
import { ends } from '../tests/support/uow-harness.ts'
import {
  addItem,
  createOrder,
  openOrderHouse,
  type OrderHouse,
  orderModule,
} from '../tests/support/uow-order-house.ts'
import { Refund } from '../tests/support/uow-orders.ts'

let house: OrderHouse
const [a, b] = [accountId(1), accountId(2)] as const
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

beforeAll(async () => {
  house = await openOrderHouse()
}, 60_000)
beforeEach(() => house.clear())
afterAll(() => house.close())

const one = async (envelope: Envelope) => (await house.settle([envelope]))[0]

test('what a command decides on is what all events before it add up to', async () => {
  expect(ends(await house.settle([createOrder(a, 5), addItem(a, 10)]))).toEqual(['ok', 'ok'])
  for (const price of [20, 30, 40])
    expect(await one(addItem(a, price))).toMatchObject({ problem: null })
  expect(await house.totals(a)).toEqual([5, 15, 35, 65, 105])
  expect(ends(await house.settle([addItem(a, 900), addItem(b), createOrder(a)]))).toEqual([
    'too-much',
    'not-found',
    'exists',
  ])
})

test('nothing but its events is kept of it, and how far they go', async () => {
  await house.settle([createOrder(a), addItem(a)])
  expect([...(await house.streams())]).toEqual([{ id: a, version: 2 }])
  expect(await house.snapshots()).toEqual([])
})

test('a snapshot follows every third event, whether these come one by one or at once', async () => {
  const after = async (...envelopes: readonly Envelope[]) => {
    await house.settle(envelopes)
    return (await house.snapshots()).map(({ version }) => version)
  }
  expect(await after(createOrder(a), addItem(a))).toEqual([])
  expect(await after(addItem(a))).toEqual([3])
  expect(await after(addItem(a), addItem(a))).toEqual([3])
  expect(await after(addItem(a), addItem(a))).toEqual([7])
  expect(await after(...numbers(9).map(() => addItem(a)))).toEqual([16])
  expect(await house.totals(a)).toHaveLength(16)
})

test('If-Match is compared with the version of the stream', async () => {
  await house.settle([createOrder(a), addItem(a)])
  const add = () => addItem(a, 1, { expectedVersion: 2 })
  const results = await house.settle([add(), add()])
  expect(ends(results)).toEqual(['ok', 'version-mismatch'])
  expect(results.map(({ version }) => version)).toEqual([3, 3])
})

test('an id in upper case names the same stream', async () => {
  const id = 'abcdefab-0000-7000-8000-000000000001'
  const upper = () => addItem(id.toUpperCase())
  expect(ends(await house.settle([createOrder(id), upper()]))).toEqual(['ok', 'ok'])
  expect(ends(await house.settle([upper()]))).toEqual(['ok'])
})

test('one command changes streams and rows together, or neither', async () => {
  const refund = (account: string) => bankCommand(Refund, { id: a, account })
  await house.settle([bankCommand(Open, { id: b, balance: 1 }), createOrder(a, 30), refund(b)])
  expect((await house.accounts())[0]).toMatchObject({ balance: 31, version: 2 })
  expect(await house.totals(a)).toEqual([30, 0])
  // Too large for the column: Postgres refuses the row, and the events go with it.
  await house.settle([bankCommand(Credit, { id: b, amount: 2 ** 31 - 40 }), addItem(a, 20)])
  await expect(house.run([refund(b)])).rejects.toThrow('out of range')
  expect(await house.totals(a)).toEqual([30, 0, 20])
  expect((await house.streams())[0]?.version).toBe(3)
})

const statementsOf = async (envelopes: readonly Envelope[]) => {
  const before = house.database.statements
  expect(new Set(ends((await house.run(envelopes)).results))).toEqual(new Set(['ok']))
  // Without BEGIN and COMMIT.
  return house.database.statements - before - 2
}

test('a hundred orders take as many statements as one, snapshots included', async () => {
  const hundred = numbers(100).map(accountId)
  expect(await statementsOf(hundred.map((id) => createOrder(id)))).toBe(7)
  expect(await statementsOf(hundred.map((id) => addItem(id)))).toBe(6)
  expect(await statementsOf(hundred.map((id) => addItem(id)))).toBe(7)
  expect(await statementsOf([addItem(a)])).toBe(6)
  const others = numbers(50).map((n) => bankCommand(Open, { id: accountId(n), balance: 1 }))
  expect(await statementsOf([...others, ...hundred.map((id) => addItem(id))])).toBe(9)
})

/** Ways of losing what is not an event. All that is known must follow from the events. */
const losses = {
  nothing: '',
  snapshots: 'TRUNCATE uow.snapshot',
  'one snapshot': `DELETE FROM uow.snapshot WHERE id = '${a}'`,
  streams: 'TRUNCATE uow.stream',
  'one stream': `DELETE FROM uow.stream WHERE id = '${a}'`,
  everything: 'TRUNCATE uow.stream, uow.snapshot',
} as const
type Loss = keyof typeof losses

test('whatever is lost of streams and snapshots, every answer is the same', async () => {
  const order = fc.integer({ min: 1, max: 3 }).map(accountId)
  const command = fc.oneof(
    order.map((id) => ['create', id, 5] as const),
    fc.tuple(fc.constant('add' as const), order, fc.integer({ min: -5, max: 300 })),
  )
  const loss = fc.constantFrom(...(Object.keys(losses) as Loss[]))
  const steps = fc.array(fc.tuple(fc.array(command, { minLength: 1, maxLength: 6 }), loss), {
    minLength: 2,
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const told = async (losing: boolean) => {
        await house.clear()
        const answers = []
        for (const [commands, lost] of given) {
          const sent = commands.map(([what, id, price]) =>
            what === 'create' ? createOrder(id, price) : addItem(id, price),
          )
          const results = await house.settle(sent)
          answers.push(
            ends(results),
            results.map(({ version }) => version),
          )
          if (losing && losses[lost]) await house.database.query(losses[lost])
        }
        return { answers, totals: await Promise.all([1, 2, 3].map(accountId).map(house.totals)) }
      }
      expect(await told(true)).toEqual(await told(false))
    }),
    { numRuns: 25 },
  )
}, 60_000)

test('a stream whose row is lost is found again, and held', async () => {
  await house.settle([createOrder(a), createOrder(b), addItem(a)])
  await house.database.query('TRUNCATE uow.stream')
  expect((await one(addItem(a)))?.version).toBe(3)
  expect([...(await house.streams())]).toEqual([{ id: a, version: 3 }])
})

const tampered = async (statement: string) => {
  await house.settle([createOrder(a), addItem(a), createOrder(b)])
  await house.database.query(statement, [a])
  const failed = addItem(a)
  const failure = await house.run([addItem(b), failed]).catch((error: unknown) => error)
  expect(failure).toMatchObject({ slug: 'broken-stream', messageId: failed.id })
}

test('a stream with a hole is told from one that is shorter, and blames its own command', async () => {
  await tampered('DELETE FROM uow.event WHERE stream_id = $1 AND version = 1')
  await house.clear()
  await tampered('DELETE FROM uow.event WHERE stream_id = $1 AND version = 2')
  await house.clear()
  await tampered('DELETE FROM uow.event WHERE stream_id = $1')
})

test('other modules share the log, and none sees the events of another', async () => {
  await house.settle([bankCommand(Open, { id: a, balance: 7 }), createOrder(a, 3), addItem(a)])
  expect((await house.accounts())[0]?.version).toBe(1)
  const rows = await house.database.query<{ module: string }>('SELECT module FROM uow.stream')
  expect(rows.map(({ module }) => module)).toEqual([orderModule])
})
