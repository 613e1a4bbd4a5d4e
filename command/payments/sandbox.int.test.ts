import { afterAll, beforeAll, expect, test } from 'bun:test'
import { newId } from '../../shared/kernel/ids.ts'
import { moneyOf } from '../../shared/kernel/money.ts'
import { testWriteSide, type WriteSide } from '../../tests/support/write-side.ts'
import type { ChargeRequest, PaymentProvider } from './provider.ts'
import { sandboxProvider } from './sandbox.ts'

let side: WriteSide
let sandbox: PaymentProvider
beforeAll(async () => {
  side = await testWriteSide()
  sandbox = sandboxProvider(side.database)
}, 60_000)
afterAll(() => side.close())

const patient = new AbortController().signal
const hurried = () => AbortSignal.abort()
const request = (method: string, changes: Partial<ChargeRequest> = {}): ChargeRequest => ({
  key: newId(),
  amount: moneyOf('42.50', 'EUR'),
  method,
  ...changes,
})
const moved = async (key: string) => {
  const rows = await side.database.query<{ entry: string; minor: string }>(
    `SELECT entry, minor FROM write.sandbox_ledger
     WHERE payment_key = $1 AND answer IN ('charged', 'refunded') ORDER BY entry`,
    [key],
  )
  return rows.map(({ entry, minor }) => `${entry} ${minor}`)
}

test('one key is charged once, however often and however close together it is asked for', async () => {
  const asked = request('card-ok')
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => sandbox.charge(asked, patient)),
  )
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0]).toMatchObject({ answer: 'charged', reference: expect.any(String) })
  expect(await moved(asked.key)).toEqual(['charge 4250'])
})

test('yen are charged without decimals, and dinars with three', async () => {
  const yen = request('card-ok', { amount: moneyOf(1200, 'JPY') })
  const dinars = request('card-ok', { amount: moneyOf('1.234', 'BHD') })
  await sandbox.charge(yen, patient)
  await sandbox.charge(dinars, patient)
  expect([await moved(yen.key), await moved(dinars.key)]).toEqual([
    ['charge 1200'],
    ['charge 1234'],
  ])
})

test('a key that was used for something else is refused', async () => {
  const asked = request('card-ok')
  await sandbox.charge(asked, patient)
  for (const changes of [
    { amount: moneyOf('42.51', 'EUR') },
    { amount: moneyOf('42.50', 'USD') },
    { method: 'card-declined' },
  ])
    expect(await sandbox.charge({ ...asked, ...changes }, patient)).toMatchObject({
      answer: 'refused',
    })
  expect(await moved(asked.key)).toEqual(['charge 4250'])
})

test('a card that is declined, or that nobody knows, is not charged', async () => {
  for (const [method, answer] of [
    ['card-declined', 'declined'],
    ['toString', 'refused'],
  ] as const) {
    const asked = request(method)
    expect(await sandbox.charge(asked, patient)).toEqual({ answer, reference: null })
    expect(await moved(asked.key)).toEqual([])
  }
})

test('a late card is charged while the caller gives up, and found later', async () => {
  const asked = request('card-late')
  await expect(sandbox.charge(asked, hurried())).rejects.toThrow('has not answered')
  expect(await sandbox.lookUp(asked.key, patient)).toMatchObject({ answer: 'charged' })
  expect(await moved(asked.key)).toEqual(['charge 4250'])
})

test('a card that times out is not charged, and nothing is ever known of it', async () => {
  const asked = request('card-timeout')
  await expect(sandbox.charge(asked, hurried())).rejects.toThrow('has not answered')
  expect(await sandbox.lookUp(asked.key, patient)).toBeUndefined()
})

test('a charge is given back once, and only one that was made', async () => {
  const asked = request('card-ok')
  await expect(sandbox.refund(asked.key, patient)).rejects.toThrow('no charge')
  await sandbox.charge(asked, patient)
  const answers = await Promise.all([1, 2, 3].map(() => sandbox.refund(asked.key, patient)))
  expect(new Set(answers.map(({ reference }) => reference)).size).toBe(1)
  expect(await moved(asked.key)).toEqual(['charge 4250', 'refund 4250'])
  const declined = request('card-declined')
  await sandbox.charge(declined, patient)
  await expect(sandbox.refund(declined.key, patient)).rejects.toThrow('no charge')
})
