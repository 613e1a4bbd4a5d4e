import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { errorCode } from '../shared/postgres/errors.ts'
import { rowStore } from '../shared/postgres/row-store.ts'
import { accountTable } from '../tests/support/uow-bank-rows.ts'
import {
  accountId,
  bankCommand,
  Credit,
  CreditBook,
  KeepBook,
  Open,
  Spread,
} from '../tests/support/uow-bank.ts'
import {
  type Bank,
  deadlocks,
  ends,
  openBank,
  somebodyWaits,
  whileHeld,
} from '../tests/support/uow-harness.ts'

let bank: Bank
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const [a, b, c] = [accountId(1), accountId(2), accountId(3)] as const
const credit = (id: string) => bankCommand(Credit, { id, amount: 1 })
const balances = async () => (await bank.accounts()).map(({ balance }) => balance)

beforeAll(async () => {
  bank = await openBank()
})
beforeEach(async () => {
  await bank.database.query(
    `TRUNCATE bank.account, bank.book, bank.ledger, uow.event, uow.receipt, uow.claim, delivery.outbox`,
  )
  await bank.settle(numbers(3).map((n) => bankCommand(Open, { id: accountId(n), balance: 0 })))
})
afterAll(() => bank.close())

test('twenty workers on one row lose no update', async () => {
  const worker = async () => {
    for (const _ of numbers(10)) await bank.settle([credit(a)])
  }
  await Promise.all(numbers(20).map(worker))
  expect((await bank.accounts())[0]).toEqual({ id: a, version: 201, balance: 200 })
})

test('a row that a stranger holds defers its commands and later ones of their keys, and no others', async () => {
  const [first, other, second] = [credit(a), credit(b), credit(c)]
  const sameKey = { ...second, subject: a }
  const result = await whileHeld(bank.database, [a], () => bank.run([first, other, sameKey]))
  expect(result.deferred.map(({ envelope }) => envelope.id)).toEqual([first.id, sameKey.id])
  expect(result.results.map(({ command_id }) => command_id)).toEqual([other.id])
  expect(await balances()).toEqual([0, 1, 0])
})

test('a command waits for the row that a stranger holds, and then succeeds', async () => {
  const result = await whileHeld(bank.database, [a], async () => {
    const waiting = bank.settle([credit(a)])
    await somebodyWaits(bank.database)
    return { waiting }
  })
  expect(ends(await result.waiting)).toEqual(['ok'])
  expect(await balances()).toEqual([1, 0, 0])
})

test('what a stranger changes while a command waits is what the command decides on', async () => {
  const result = await whileHeld(
    bank.database,
    [a],
    async () => {
      const waiting = bank.settle([credit(a)])
      await somebodyWaits(bank.database)
      return { waiting }
    },
    'UPDATE bank.account SET balance = 41 WHERE id = ANY($1::uuid[])',
  )
  await result.waiting
  expect((await balances())[0]).toBe(42)
})

test('without the lock, two who read before they write lose an update', async () => {
  const both = barrier(2)
  const store = rowStore(accountTable)
  const add = () =>
    bank.database.transaction(async (transaction) => {
      const [row] = await store.read(transaction, [a])
      await both()
      if (row) await store.upsert(transaction, [{ ...row, balance: row.balance + 1 }])
    })
  await Promise.all([add(), add()])
  expect((await balances())[0]).toBe(1)
})

test('rows locked in the order in which they are named end in a deadlock', async () => {
  const both = barrier(2)
  const store = rowStore(accountTable)
  const hold = (first: string, second: string) =>
    bank.database.transaction(async (transaction) => {
      await store.lock(transaction, [first], 'FOR UPDATE')
      await both()
      await store.lock(transaction, [second], 'FOR UPDATE')
    })
  const ended = await Promise.allSettled([hold(a, b), hold(b, a)])
  const failed = ended.filter((end) => end.status === 'rejected')
  expect(failed.map(({ reason }) => errorCode(reason))).toEqual(['40P01'])
})

test('two batches that each want all rows, named in opposite order, pass one after the other', async () => {
  const before = await deadlocks(bank.database)
  const spread = (ids: string[]) => bank.run([bankCommand(Spread, { ids, amount: 1 })], true)
  await Promise.all(numbers(20).map((n) => spread(n % 2 ? [a, b, c] : [c, b, a])))
  expect(await balances()).toEqual([20, 20, 20])
  expect((await deadlocks(bank.database)) - before).toBe(0)
})

test('an absent row is no held one: its command is carried out at once', async () => {
  const { results, deferred } = await bank.run([credit(accountId(77))])
  expect([ends(results), deferred]).toEqual([['not-found'], []])
})

test('two commands that make the same thing at once end with one of it', async () => {
  const id = accountId(50)
  const opened = await Promise.all(
    numbers(8).map((n) => bank.settle([bankCommand(Open, { id, balance: n })])),
  )
  expect(opened.flatMap(ends).toSorted()).toEqual([...Array<string>(7).fill('exists'), 'ok'])
})

test('a held row of the second stage defers the command', async () => {
  const book = accountId(9)
  await bank.settle([bankCommand(KeepBook, { id: book, accounts: [a, b] })])
  const result = await whileHeld(bank.database, [b], () =>
    bank.run([bankCommand(CreditBook, { id: book, amount: 1 }), credit(c)]),
  )
  expect(result.deferred).toHaveLength(1)
  expect(await balances()).toEqual([0, 0, 1])
})

/** Everybody who calls it goes on when the last of `count` has called it. */
const barrier = (count: number) => {
  const all = Promise.withResolvers<void>()
  return () => {
    count -= 1
    if (count === 0) all.resolve()
    return all.promise
  }
}

const random = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
  return seed / 2 ** 31
}

const storm = async (target: Bank, commands: number) => {
  const next = random(20_251)
  const some = () => {
    const ids = new Set<string>()
    const size = 2 + Math.floor(next() * 4)
    while (ids.size < size) ids.add(accountId(1 + Math.floor(next() * 8)))
    return [...ids]
  }
  const envelopes = numbers(commands).map(() => bankCommand(Spread, { ids: some(), amount: 1 }))
  const queue = [...envelopes]
  const worker = async () => {
    for (let command = queue.pop(); command; command = queue.pop()) await target.settle([command])
  }
  await Promise.all(numbers(64).map(worker))
  return envelopes.reduce((sum, { data }) => sum + (data as { ids: string[] }).ids.length, 0)
}

/** Versions of each account's events, in the order in which they will be published. */
const publishedVersions = async () => {
  const rows = await bank.database.query<{ key: string; version: number }>(
    `SELECT key, (properties ->> 'ce_sequence')::integer AS version FROM delivery.outbox
     WHERE properties ->> 'ce_sequence' IS NOT NULL ORDER BY id`,
  )
  return Object.groupBy(rows, ({ key }) => key)
}

test('a storm of commands over random rows meets no deadlock, loses nothing and keeps every order', async () => {
  await bank.settle(numbers(8).map((n) => bankCommand(Open, { id: accountId(n), balance: 0 })))
  const before = await deadlocks(bank.database)
  const credited = await storm(bank, 600)
  expect((await balances()).reduce((sum, balance) => sum + balance, 0)).toBe(credited)
  expect((await deadlocks(bank.database)) - before).toBe(0)
  const published = await publishedVersions()
  for (const { id, version } of await bank.accounts())
    expect(published[id]?.map((event) => event.version)).toEqual(numbers(version))
}, 30_000)
