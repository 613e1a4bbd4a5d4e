import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import type { Transaction } from '../shared/postgres/database.ts'
import { outsideTransaction } from '../shared/postgres/guard.ts'
import { accountId, bankCommand, Credit, Open } from '../tests/support/uow-bank.ts'
import { deadlocks, ends, somebodyWaits, whileHeld } from '../tests/support/uow-harness.ts'
import {
  addItem,
  addUnlocked,
  createOrder,
  holdingStreams,
  openOrderHouse,
  type OrderHouse,
} from '../tests/support/uow-order-house.ts'
import { orderModel, Refund } from '../tests/support/uow-orders.ts'
import { unitOfWork } from './unit-of-work.ts'

let house: OrderHouse
const [a, b, c] = [accountId(1), accountId(2), accountId(3)] as const
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const lengths = async () =>
  (await Promise.all([a, b, c].map(house.totals))).map(({ length }) => length)

beforeAll(async () => {
  house = await openOrderHouse()
}, 60_000)
beforeEach(async () => {
  await house.clear()
  await house.settle([a, b, c].map((id) => createOrder(id)))
})
afterAll(() => house.close())

const whileStreamsHeld = <T>(ids: readonly string[], work: () => Promise<T>) =>
  whileHeld(house.database, ids, work, holdingStreams)

test('twenty workers on one stream lose no event, with a lock or without', async () => {
  const worker = async (n: number) => {
    for (const _ of numbers(6)) await house.settle([n % 2 ? addItem(a) : addUnlocked(a)])
  }
  await Promise.all(numbers(20).map(worker))
  expect(await house.totals(a)).toEqual([0, ...numbers(120)])
})

test('a stream that a stranger holds defers its commands and later ones of their keys, and no others', async () => {
  const [first, other, second] = [addItem(a), addItem(b), addItem(c)]
  const sameKey = { ...second, subject: a }
  const result = await whileStreamsHeld([a], () => house.run([first, other, sameKey]))
  expect(result.deferred.map(({ envelope }) => envelope.id)).toEqual([first.id, sameKey.id])
  expect(result.results.map(({ command_id }) => command_id)).toEqual([other.id])
  expect(await lengths()).toEqual([1, 2, 1])
})

test('a stream that a stranger is about to change is not waited for in the first pass', async () => {
  const changing = 'UPDATE uow.stream SET version = version WHERE id = ANY($1::text[])'
  const work = () => house.run([addItem(a), addItem(b)])
  const { deferred } = await whileHeld(house.database, [a], work, changing)
  expect(deferred.map(({ key }) => key)).toEqual([a])
})

test('a command waits for the stream that a stranger holds, and then succeeds', async () => {
  const { waiting } = await whileStreamsHeld([a], async () => {
    const settling = house.settle([addItem(a)])
    await somebodyWaits(house.database)
    return { waiting: settling }
  })
  expect(ends(await waiting)).toEqual(['ok'])
})

test('events that are added while a command waits are what it decides on', async () => {
  const unit = unitOfWork(orderModel())
  const run = (envelope = addItem(a, 40)) => ({ envelope, key: a, attempts: 1 })
  const { waiting } = await house.database.transaction(async (transaction) => {
    await unit.execute(transaction, [run()], { wait: true, now: new Date() })
    const settling = outsideTransaction(() => house.settle([addItem(a, 2)]))
    await outsideTransaction(() => somebodyWaits(house.database))
    return { waiting: settling }
  })
  await waiting
  expect(await house.totals(a)).toEqual([0, 40, 42])
})

test('a stream that is not there is not waited for', async () => {
  const { results, deferred } = await house.run([addItem(accountId(77))])
  expect([ends(results), deferred]).toEqual([['not-found'], []])
})

test('two commands that begin the same stream at once end with one of it', async () => {
  const id = accountId(50)
  const begun = await Promise.all(numbers(8).map((n) => house.settle([createOrder(id, n)])))
  expect(begun.flatMap(ends).toSorted()).toEqual([...Array<string>(7).fill('exists'), 'ok'])
  expect(await house.totals(id)).toHaveLength(1)
})

test('a stream that was begun while a command decided that it is absent is contention', async () => {
  const id = accountId(51)
  const begunMeanwhile = interruptedAfter(/WITH snapshot/, () => house.settle([createOrder(id, 7)]))
  const failure = await executeOn(begunMeanwhile, createOrder(id, 8))
  expect(failure).toMatchObject({ code: '55P03' })
  expect(await house.totals(id)).toEqual([7])
})

test('a stream that moves between reading and writing is decided on again', async () => {
  const moved = interruptedAfter(/WITH snapshot/, () => house.settle([addItem(a, 40)]))
  await executeOn(moved, addUnlocked(a, 2))
  expect(await house.totals(a)).toEqual([0, 40, 42])
})

test('a stream that somebody holds when it is to be written defers its command, and no other', async () => {
  const { deferred } = await whileStreamsHeld([a], () =>
    house.run([addUnlocked(a), addUnlocked(b)]),
  )
  expect(deferred.map(({ key }) => key)).toEqual([a])
  expect(await lengths()).toEqual([1, 2, 1])
})

test('a held row of the second stage defers the command on the stream', async () => {
  await house.settle([b, c].map((id) => bankCommand(Open, { id, balance: 0 })))
  const refund = (id: string, account: string) => bankCommand(Refund, { id, account })
  const { deferred } = await whileHeld(house.database, [b], () =>
    house.run([refund(a, b), refund(b, c)]),
  )
  expect(deferred.map(({ key }) => key)).toEqual([a])
})

test('rows and streams, each wanted in opposite order by others, meet no deadlock and lose nothing', async () => {
  const before = await deadlocks(house.database)
  await house.settle([a, b, c].map((id) => bankCommand(Open, { id, balance: 0 })))
  const batch = (n: number) => {
    const ids = [...[a, b, c].slice(n % 3), ...[a, b, c].slice(0, n % 3)]
    const order = n % 2 ? ids : ids.toReversed()
    return order.flatMap((id) => [
      addItem(id, 1),
      bankCommand(Credit, { id, amount: 1 }),
      bankCommand(Refund, { id, account: order[0] }),
    ])
  }
  await Promise.all(numbers(60).map((n) => house.settle(batch(n))))
  expect((await deadlocks(house.database)) - before).toBe(0)
  expect(await lengths()).toEqual([121, 121, 121])
  // What is added to an order goes to some account with the next refund: nothing is left over.
  const balances = (await house.accounts()).map(({ balance }) => balance)
  expect(balances.reduce((sum, balance) => sum + balance, 0)).toBe(180 + 180)
}, 30_000)

/** Makes something happen outside, once, right after the first statement that matches. */
const interruptedAfter = (statement: RegExp, happen: () => Promise<unknown>) => {
  let waiting = true
  return (transaction: Transaction): Transaction => ({
    savepoint: (work) => transaction.savepoint(work),
    async query<Row extends object>(text: string, parameters?: readonly unknown[]) {
      const rows = await transaction.query<Row>(text, parameters)
      if (!waiting || !statement.test(text)) return rows
      waiting = false
      await outsideTransaction(happen)
      return rows
    },
  })
}

const executeOn = (
  changed: (transaction: Transaction) => Transaction,
  envelope: ReturnType<typeof addItem>,
) =>
  house.database
    .transaction((transaction) =>
      unitOfWork(orderModel()).execute(
        changed(transaction),
        [{ envelope, key: envelope.subject, attempts: 1 }],
        { wait: false, now: new Date() },
      ),
    )
    .catch((error: unknown) => error)

test('a transaction that ends after any of its statements leaves all of a batch, or nothing', async () => {
  const seen = async () =>
    JSON.stringify([await house.streams(), await house.snapshots(), await lengths()])
  const before = await seen()
  let failures = 0
  for (let last = 1; ; last++) {
    let sent = 0
    const cut = (transaction: Transaction): Transaction => ({
      savepoint: (work) => transaction.savepoint(work),
      async query<Row extends object>(text: string, parameters?: readonly unknown[]) {
        const rows = await transaction.query<Row>(text, parameters)
        sent += 1
        if (sent === last)
          await transaction.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => {})
        return rows
      },
    })
    const batch = [a, b, accountId(60)].flatMap((id) => [createOrder(id), addItem(id), addItem(id)])
    const runs = batch.map((envelope) => ({ envelope, key: envelope.subject, attempts: 1 }))
    const failed = await house.database
      .transaction((transaction) =>
        unitOfWork(orderModel()).execute(cut(transaction), runs, { wait: true, now: new Date() }),
      )
      .then(
        () => false,
        () => true,
      )
    if (!failed) break
    failures += 1
    expect(await seen()).toBe(before)
  }
  expect(failures).toBeGreaterThan(6)
  expect(await lengths()).toEqual([3, 3, 1])
  expect((await house.snapshots()).map(({ version }) => version)).toEqual([3, 3, 3])
}, 30_000)
