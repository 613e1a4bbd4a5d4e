import { afterAll, beforeAll, expect, test } from 'bun:test'
import { newId } from '../../shared/kernel/ids.ts'
import { testWriteSide, type WriteSide } from '../../tests/support/write-side.ts'
import { addCalls, claimCalls, type PaymentCall } from './payment-calls.ts'
import { type Answered, recordAnswers } from './record-answers.ts'

let side: WriteSide
beforeAll(async () => {
  side = await testWriteSide()
}, 60_000)
afterAll(() => side.close())

const minute = 60_000
const doubt = { lookUpMs: minute, giveUpMs: minute }

const noted = async (count: number) => {
  await side.database.query('TRUNCATE write.payment_calls, delivery.outbox')
  const calls = Array.from({ length: count }, (): PaymentCall => ({
    id: newId(),
    operation: 'charge',
    state: 'asking',
    order_id: newId(),
    payment_key: 'k',
    amount: '42.50',
    currency: 'EUR',
    payment_method: 'card-ok',
    correlation_id: 'c',
    traceparent: null,
    attempts: 0,
  }))
  await side.database.transaction((tx) => addCalls(tx, calls))
  return calls
}
const idsOf = (calls: readonly PaymentCall[]) => calls.map(({ id }) => id).toSorted()
const outcomes = () =>
  side.database.query<{ answer: string }>(
    `SELECT convert_from(payload, 'UTF8')::json->>'answer' AS answer FROM delivery.outbox ORDER BY id`,
  )

test('what one gateway is about to lease, another passes over without waiting', async () => {
  const calls = await noted(5)
  const [leased, passed] = [Promise.withResolvers<string[]>(), Promise.withResolvers<void>()]
  const first = side.database.transaction(async (tx) => {
    leased.resolve(idsOf(await claimCalls(tx, 3, minute)))
    await passed.promise
  })
  const mine = await leased.promise
  const theirs = await claimCalls(side.database, 5, minute)
  passed.resolve()
  await first
  expect([...mine, ...idsOf(theirs)].toSorted()).toEqual(idsOf(calls))
  expect(await claimCalls(side.database, 5, minute)).toEqual([])
})

test('a lease that has ended is anybody’s again', async () => {
  await noted(1)
  expect(await claimCalls(side.database, 1, 0)).toMatchObject([{ attempts: 1, amount: '42.50' }])
  expect(await claimCalls(side.database, 1, 0)).toMatchObject([{ attempts: 2 }])
})

test('two gateways with one answer leave one outcome', async () => {
  const [call] = await noted(1)
  const answered: Answered = { call: call!, answer: 'charged', reference: 'r' }
  await recordAnswers(side.database, [answered], doubt)
  await recordAnswers(side.database, [answered], doubt)
  expect(await outcomes()).toMatchObject([{ answer: 'charged' }])
})

test('two gateways that were told different things of the same calls do not wait for each other', async () => {
  for (let round = 0; round < 5; round++) {
    const calls = await noted(200)
    const answers = (isLate: (index: number) => boolean) =>
      calls.map((call, index): Answered => ({
        call,
        answer: isLate(index) ? 'timeout' : 'charged',
        reference: null,
      }))
    await Promise.all([
      recordAnswers(
        side.database,
        answers((index) => index % 2 === 0),
        doubt,
      ),
      recordAnswers(
        side.database,
        answers((index) => index % 2 === 1),
        doubt,
      ),
    ])
    expect(await side.database.query('SELECT FROM write.payment_calls')).toEqual([])
  }
})

test('a timeout is told once, before the late answer and never after one', async () => {
  const [slow, quick] = await noted(2)
  const late = (call: PaymentCall): Answered => ({ call, answer: 'timeout', reference: null })
  const charged = (call: PaymentCall): Answered => ({ call, answer: 'charged', reference: 'r' })
  await recordAnswers(side.database, [late(slow!), charged(quick!)], doubt)
  await recordAnswers(side.database, [late(slow!), late(quick!)], doubt)
  await recordAnswers(side.database, [charged(slow!)], doubt)
  const answers = (await outcomes()).map(({ answer }) => answer)
  expect(answers).toEqual(['timeout', 'charged', 'charged'])
})
