import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Envelope } from '../shared/messaging/envelope.ts'
import {
  accountId,
  bankCommand,
  Credit,
  Open,
  OpenNamed,
  Transfer,
} from '../tests/support/uow-bank.ts'
import { type Bank, ends, openBank } from '../tests/support/uow-harness.ts'

let bank: Bank
const open = (id: string) => bankCommand(Open, { id, balance: 100 })
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const clear = () =>
  bank.database.query(
    `TRUNCATE bank.account, bank.book, bank.ledger, uow.event, uow.receipt, uow.claim, delivery.outbox`,
  )

beforeAll(async () => {
  bank = await openBank()
})
beforeEach(clear)
afterAll(() => bank.close())

test('however commands are split into batches, the end is the same', async () => {
  const account = fc.integer({ min: 1, max: 4 }).map(accountId)
  const commands = fc.array(
    fc.oneof(
      account.map((id) => [Open, { id, balance: 5 }] as const),
      account.map((id) => [Credit, { id, amount: 2 }] as const),
      fc
        .record({ from: account, to: account, amount: fc.integer({ min: 1, max: 6 }) })
        .map((transfer) => [Transfer, transfer] as const),
    ),
    { minLength: 2, maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(commands, fc.integer({ min: 2, max: 12 }), async (wanted, size) => {
      const outcome = async (batch: number) => {
        await clear()
        const sent = wanted.map(([contract, data]) => bankCommand(contract, data))
        const results = []
        for (let at = 0; at < sent.length; at += batch)
          results.push(...(await bank.settle(sent.slice(at, at + batch))))
        const versions = results.map(({ version }) => version)
        return { ends: ends(results), versions, accounts: [...(await bank.accounts())] }
      }
      expect(await outcome(size)).toEqual(await outcome(1))
    }),
    { numRuns: 20 },
  )
}, 30_000)

const statementsOf = async (envelopes: readonly Envelope[]) => {
  const before = bank.database.statements
  const { results } = await bank.run(envelopes)
  expect(new Set(ends(results))).toEqual(new Set(['ok']))
  // Without BEGIN and COMMIT.
  return bank.database.statements - before - 2
}

test('a hundred commands on one table take at most seven statements, whatever they do', async () => {
  const hundred = numbers(100)
  const credit = (n: number) => bankCommand(Credit, { id: accountId(n), amount: 1 })
  const named = (n: number) => ({ id: accountId(n + 100), name: `name ${n}`, pays: true })
  expect(await statementsOf(hundred.map((n) => open(accountId(n))))).toBe(6)
  expect(await statementsOf(hundred.map(credit))).toBe(5)
  expect(
    await statementsOf(hundred.map((n) => (n % 2 ? credit(n) : bankCommand(OpenNamed, named(n))))),
  ).toBe(7)
})
