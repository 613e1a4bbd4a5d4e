import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { readSettings } from '../shared/runtime/settings.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import { lookUpAgain, type PaymentCalls, printCalls } from './payments.ts'

let home: TestDatabase
let printed: string[]
let askedAgain: string[]
beforeAll(async () => {
  home = await testDatabase(['delivery'])
}, 60_000)
afterAll(() => home.drop(), 60_000)
beforeEach(() => {
  printed = []
  askedAgain = []
})

const call = (id: string, state: string) => ({
  id,
  state,
  operation: 'charge',
  order_id: `order of ${id}`,
  amount: '42.50',
  currency: 'EUR',
  attempts: 9,
  due_at: new Date('2026-06-28T16:53:08Z'),
})
const calls = [call('a', 'given-up'), call('b', 'asking')]
const payments: PaymentCalls = {
  listCalls: async (_on, limit) => calls.slice(0, limit),
  findCall: async (_on, wanted) => calls.find(({ id }) => id === wanted),
  async lookUpAgain(_on, id) {
    askedAgain.push(id)
    return true
  },
}
const operation = () => {
  const { settings } = readSettings({ DATABASE_URL: home.url })
  const print = (text: string) => printed.push(text)
  return { settings, home: '/nowhere', print, ask: undefined }
}
const ask = (id: string, options: object, on = payments) =>
  lookUpAgain(operation(), on, id, options)

test('payments without an answer are printed', async () => {
  await printCalls(operation(), payments, { limit: 1, output: 'json' })
  expect(JSON.parse(printed.join(''))).toEqual([
    { ...call('a', 'given-up'), due_at: '2026-06-28T16:53:08.000Z' },
  ])
})

test('one that was given up is looked up again', async () => {
  await ask('a', { yes: true })
  expect(askedAgain).toEqual(['a'])
  expect(printed).toEqual(['is looked up again: charge of 42.50 EUR for order order of a'])
})

test('nothing is changed by a dry run, by nobody who says yes, or where there is nothing to do', async () => {
  await ask('a', { dryRun: true })
  await expect(ask('a', {})).rejects.toMatchObject({ code: 2 })
  await expect(ask('b', { yes: true })).rejects.toMatchObject({ code: 4 })
  await expect(ask('c', { yes: true })).rejects.toMatchObject({ code: 3 })
  expect(askedAgain).toEqual([])
  const late = { ...payments, lookUpAgain: async () => false }
  await expect(ask('a', { yes: true }, late)).rejects.toMatchObject({ code: 4 })
})
