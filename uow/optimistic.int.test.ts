import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import type { Transaction } from '../shared/postgres/database.ts'
import { outsideTransaction } from '../shared/postgres/guard.ts'
import { accountId, bankCommand, bankModel, Credit, Open } from '../tests/support/uow-bank.ts'
import { type Bank, ends, openBank, whileHeld } from '../tests/support/uow-harness.ts'
import { unitOfWork } from './unit-of-work.ts'

let bank: Bank
const [a, b] = [accountId(1), accountId(2)] as const
const optimistic = (id: string, more = {}) =>
  bankCommand(Credit, { id, amount: 1, mode: 'optimistic' }, more)
const balances = async () => (await bank.accounts()).map(({ balance }) => balance)

beforeAll(async () => {
  bank = await openBank()
})
beforeEach(async () => {
  await bank.database.query(
    'TRUNCATE bank.account, uow.event, uow.receipt, uow.claim, delivery.outbox',
  )
  await bank.settle([a, b].map((id) => bankCommand(Open, { id, balance: 0 })))
})
afterAll(() => bank.close())

test('commands without locks on one row still lose no update', async () => {
  const worker = async () => {
    for (let n = 0; n < 5; n++) await bank.settle([optimistic(a), optimistic(a)])
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  expect((await bank.accounts())[0]).toEqual({ id: a, version: 161, balance: 160 })
})

/** The transaction, with something happening outside of it right after its first statement. */
const interrupted = (transaction: Transaction, happen: () => Promise<unknown>): Transaction => {
  let first = true
  return {
    savepoint: (work) => transaction.savepoint(work),
    async query<Row extends object>(text: string, parameters?: readonly unknown[]) {
      const interrupts = first
      first = false
      const rows = await transaction.query<Row>(text, parameters)
      if (interrupts) await outsideTransaction(happen)
      return rows
    },
  }
}

const whileInterrupted = (change: string) =>
  bank.database.transaction((transaction) =>
    unitOfWork(bankModel).execute(
      interrupted(transaction, () => bank.database.query(change, [a])),
      [optimistic(a), optimistic(b)].map((envelope) => ({ envelope, key: 'x', attempts: 1 })),
      { wait: false, now: new Date() },
    ),
  )

test('a row that changes between reading and writing is decided on again', async () => {
  const change = 'UPDATE bank.account SET balance = 40, version = 7 WHERE id = $1'
  const { results } = await whileInterrupted(change)
  expect(results.map(({ version }) => version)).toEqual([8, 2])
  expect(await balances()).toEqual([41, 1])
})

test('a change that left the version alone is seen too', async () => {
  await whileInterrupted('UPDATE bank.account SET balance = 40 WHERE id = $1')
  expect(await balances()).toEqual([41, 1])
})

test('a row that somebody holds when it is to be written defers its command, and no other', async () => {
  const { deferred } = await whileHeld(bank.database, [a], () =>
    bank.run([optimistic(a), optimistic(b)]),
  )
  expect(deferred.map(({ key }) => key)).toEqual([a])
  expect(await balances()).toEqual([0, 1])
})

test('a row that is only read is not waited for', async () => {
  const refused = optimistic(a, { expectedVersion: 9 })
  const { results } = await whileHeld(bank.database, [a], () => bank.run([refused]))
  expect(ends(results)).toEqual(['version-mismatch'])
})
