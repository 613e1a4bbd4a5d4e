import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import {
  accountId,
  bankCommand,
  bankModel,
  Credit,
  Explode,
  Open,
} from '../tests/support/uow-bank.ts'
import {
  type Bank,
  failureOf,
  openBank,
  somebodyWaits,
  whileHeld,
} from '../tests/support/uow-harness.ts'
import { withUnitOfWork } from './with-unit-of-work.ts'

let bank: Bank
const id = accountId(1)
const credit = () => bankCommand(Credit, { id, amount: 1 })
const carryOut = (envelope = credit()) => withUnitOfWork(bank.database, bankModel, envelope)
const balance = async () => (await bank.accounts())[0]?.balance

beforeAll(async () => {
  bank = await openBank()
})
beforeEach(async () => {
  await bank.database.query(
    'TRUNCATE bank.account, uow.event, uow.receipt, uow.claim, delivery.outbox',
  )
  await carryOut(bankCommand(Open, { id, balance: 0 }))
})
afterAll(() => bank.close())

test('a command takes effect at once, and its receipt is the answer', async () => {
  expect(await carryOut()).toMatchObject({ status: 'completed', version: 2 })
  expect(await balance()).toBe(1)
})

test('the same command takes effect once, however often and at once it comes', async () => {
  const command = credit()
  const receipts = await Promise.all(Array.from({ length: 8 }, () => carryOut(command)))
  expect(
    new Set(receipts.map((receipt) => JSON.stringify(Object.entries(receipt).sort()))).size,
  ).toBe(1)
  expect(await balance()).toBe(1)
})

test('a row that somebody holds is waited for', async () => {
  const { waiting } = await whileHeld(bank.database, [id], async () => {
    const running = carryOut()
    await somebodyWaits(bank.database)
    return { waiting: running }
  })
  expect((await waiting).status).toBe('completed')
})

test('a command that throws leaves nothing behind, no receipt either', async () => {
  const bomb = bankCommand(Explode, { id })
  expect((await failureOf(() => carryOut(bomb))).blamed).toBe(bomb.id)
  const receipts = await bank.database.query('SELECT FROM uow.receipt WHERE command_id = $1', [
    bomb.id,
  ])
  expect(receipts).toHaveLength(0)
})

test('inside another transaction it is refused at once', async () => {
  const failure = await failureOf(() => bank.database.transaction(() => carryOut()))
  expect(failure.slug).toBe('inside-transaction')
})
