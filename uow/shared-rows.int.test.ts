import { afterAll, beforeAll, expect, test } from 'bun:test'
import {
  accountId,
  bankCommand,
  bankModel,
  CreditBook,
  KeepBook,
  Open,
} from '../tests/support/uow-bank.ts'
import { type Bank, ends, openBank, somebodyWaits } from '../tests/support/uow-harness.ts'
import { unitOfWork } from './unit-of-work.ts'

const [account, book] = [accountId(1), accountId(9)] as const
const unit = unitOfWork(bankModel)

let bank: Bank
beforeAll(async () => {
  bank = await openBank()
  await bank.settle([bankCommand(Open, { id: account, balance: 0 }), keep()])
}, 60_000)
afterAll(() => bank.close())

const share = () => bankCommand(CreditBook, { id: book, amount: 1 })
const keep = (...accounts: readonly string[]) => bankCommand(KeepBook, { id: book, accounts })

/** Runs `work` while a transaction that shares the book has not ended. */
const whileShared = async <T>(work: () => Promise<T>): Promise<T> => {
  const [shared, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const run = { envelope: share(), key: book, attempts: 1 }
  const sharing = bank.database.transaction(async (transaction) => {
    await unit.execute(transaction, [run], { wait: false, now: new Date() })
    shared.resolve()
    await done.promise
  })
  await shared.promise
  try {
    return await work()
  } finally {
    done.resolve()
    await sharing
  }
}

test('rows are shared by as many as want to at once, where nobody waits to change them', async () => {
  const { deferred } = await whileShared(() => bank.run([share()]))
  expect(deferred).toEqual([])
})

test('who wants to share a row comes after those who wait to change it, and then sees the change', async () => {
  const [changed, late] = await whileShared(async () => {
    const changing = bank.run([keep(account)], true)
    await somebodyWaits(bank.database)
    expect((await bank.run([share()])).deferred).toHaveLength(1)
    const sharing = bank.run([share()], true)
    await somebodyWaits(bank.database, 2)
    return [changing, sharing]
  })
  expect(ends([...(await changed!).results, ...(await late!).results])).toEqual(['ok', 'ok'])
  expect(await bank.accounts()).toMatchObject([{ balance: 1 }])
})
