import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Transaction } from '../shared/postgres/database.ts'
import {
  accountId,
  bankCommand,
  bankModel,
  CreditBook,
  KeepBook,
  Open,
  Peek,
  Transfer,
} from '../tests/support/uow-bank.ts'
import { type Bank, openBank } from '../tests/support/uow-harness.ts'
import { unitOfWork } from './unit-of-work.ts'

let bank: Bank
const [a, b, book] = [accountId(1), accountId(2), accountId(9)] as const

beforeAll(async () => {
  bank = await openBank()
  await bank.settle([
    bankCommand(Open, { id: a, balance: 10 }),
    bankCommand(Open, { id: b, balance: 10 }),
    bankCommand(KeepBook, { id: book, accounts: [a, b] }),
  ])
})
afterAll(() => bank.close())

/** What is locked, and how, statement by statement. */
const locksOf = async (envelopes: readonly ReturnType<typeof bankCommand>[]) => {
  const locks: string[] = []
  const listening = (transaction: Transaction): Transaction => ({
    savepoint: (work) => transaction.savepoint(work),
    query(text, parameters) {
      const [, table, lock] = /FROM "bank"."(\w+)" t .* (FOR \w+)/.exec(text) ?? []
      if (table) locks.push(`${table} ${lock}`)
      return transaction.query(text, parameters)
    },
  })
  const runs = envelopes.map((envelope) => ({ envelope, key: envelope.subject, attempts: 1 }))
  await bank.database.transaction((transaction) =>
    unitOfWork(bankModel).execute(listening(transaction), runs, { wait: true, now: new Date() }),
  )
  return locks
}

test('the stages of all commands together lock each table once, in ascending rank', async () => {
  const transfer = bankCommand(Transfer, { from: a, to: b, amount: 1 })
  const twoStages = bankCommand(CreditBook, { id: book, amount: 1 })
  expect(await locksOf([transfer, twoStages])).toEqual([
    'book FOR SHARE',
    'account FOR UPDATE',
    'ledger FOR UPDATE',
  ])
})

test('rows of one table to be read and to be changed are locked by one statement, the stronger way', async () => {
  const peek = bankCommand(Peek, { id: a, into: b })
  expect(await locksOf([peek])).toEqual(['account FOR UPDATE'])
})

test('a row that one command reads and another changes is locked to be changed', async () => {
  const keep = bankCommand(KeepBook, { id: book, accounts: [a] })
  const [first] = await locksOf([bankCommand(CreditBook, { id: book, amount: 1 }), keep])
  expect(first).toBe('book FOR UPDATE')
})

test('commands that only read a row hold it together', async () => {
  const read = () => bank.run([bankCommand(CreditBook, { id: book, amount: 1 })])
  const gate = Promise.withResolvers<void>()
  const reading = Promise.withResolvers<void>()
  const other = bank.database.transaction(async (transaction) => {
    await transaction.query('SELECT FROM bank.book FOR SHARE')
    reading.resolve()
    await gate.promise
  })
  await reading.promise
  expect((await read()).deferred).toEqual([])
  gate.resolve()
  await other
})
