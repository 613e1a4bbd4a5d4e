import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import fc from 'fast-check'
import { accountId, bankCommand, OpenNamed } from '../tests/support/uow-bank.ts'
import {
  type Bank,
  ends,
  openBank,
  somebodyWaits,
  whileHeld,
} from '../tests/support/uow-harness.ts'

let bank: Bank
const named = (n: number, name: string, pays = true) =>
  bankCommand(OpenNamed, { id: accountId(n), name, pays })
const claims = () =>
  bank.database.query<{ value: string; owner: string }>(
    'SELECT value, owner FROM uow.claim ORDER BY value',
  )
const clear = () =>
  bank.database.query('TRUNCATE bank.account, uow.event, uow.receipt, uow.claim, delivery.outbox')

beforeAll(async () => {
  bank = await openBank()
})
beforeEach(clear)
afterAll(() => bank.close())

test('the first of a batch to claim a key gets it, and the others are told', async () => {
  const results = await bank.settle([named(3, 'ada'), named(1, 'ada'), named(2, 'eve')])
  expect(ends(results)).toEqual(['ok', 'name-taken', 'ok'])
  expect([...(await claims())]).toEqual([
    { value: 'ada', owner: accountId(3) },
    { value: 'eve', owner: accountId(2) },
  ])
})

test('a key that was claimed before stays with its owner, who may claim it again', async () => {
  await bank.settle([named(1, 'ada')])
  expect(ends(await bank.settle([named(2, 'ada')]))).toEqual(['name-taken'])
  expect(ends(await bank.settle([named(1, 'ada')]))).toEqual(['ok'])
})

test('what a rejected command has claimed is free again, also for the next of the batch', async () => {
  expect(ends(await bank.settle([named(1, 'ada', false)]))).toEqual(['no-money'])
  expect(await claims()).toHaveLength(0)
  expect(ends(await bank.settle([named(1, 'ada', false), named(2, 'ada')]))).toEqual([
    'no-money',
    'ok',
  ])
  expect([...(await claims())]).toEqual([{ value: 'ada', owner: accountId(2) }])
})

test('of many who claim the same keys at once one gets each', async () => {
  const keys = Array.from({ length: 30 }, (_, n) => `name ${n}`)
  const batches = Array.from({ length: 16 }, (_, worker) =>
    keys.map((name, n) => named(worker * 100 + n, name)),
  )
  const results = await Promise.all(batches.map((batch) => bank.settle(batch)))
  expect(ends(results.flat()).filter((end) => end === 'ok')).toHaveLength(keys.length)
  expect(await bank.accounts()).toHaveLength(keys.length)
})

test('two who claim the same keys in opposite order do not wait for each other in a ring', async () => {
  const claimAll = (names: readonly string[], from: number) =>
    bank.run(names.map((name, n) => named(from + n, name)))
  const { both } = await whileHeld(
    bank.database,
    [accountId(99)],
    async () => {
      const first = claimAll(['z', 'g', 'a'], 10)
      const second = claimAll(['a', 'g', 'z'], 20)
      await somebodyWaits(bank.database, 2)
      return { both: Promise.all([first, second]) }
    },
    `INSERT INTO uow.claim SELECT 'bank.name', 'g', unnest($1::uuid[])::text`,
  )
  const ended = (await both).map(({ results }) => ends(results).toSorted())
  expect(ended.toSorted()).toEqual([
    ['name-taken', 'name-taken', 'name-taken'],
    ['name-taken', 'ok', 'ok'],
  ])
})

test('any split of the same commands into batches ends in the same owners', async () => {
  const orders = fc.array(
    fc.record({
      n: fc.integer({ min: 1, max: 4 }),
      name: fc.constantFrom('x', 'y'),
      pays: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  await fc.assert(
    fc.asyncProperty(orders, async (wanted) => {
      const outcome = async (size: number) => {
        await clear()
        const commands = wanted.map(({ n, name, pays }) => named(n, name, pays))
        const results = []
        for (let at = 0; at < commands.length; at += size)
          results.push(...(await bank.settle(commands.slice(at, at + size))))
        return { ends: ends(results), claims: [...(await claims())] }
      }
      expect(await outcome(wanted.length)).toEqual(await outcome(1))
    }),
    { numRuns: 15 },
  )
}, 20_000)
