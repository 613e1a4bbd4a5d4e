import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { testWriteSide, type WriteSide } from '../../tests/support/write-side.ts'
import { findCall, listCalls, lookUpAgain } from './call-listing.ts'
import { claimCalls } from './payment-calls.ts'

let side: WriteSide
beforeAll(async () => {
  side = await testWriteSide()
}, 60_000)
afterAll(() => side.close())

const givenUp = '0197a000-0000-7000-8000-000000000001'
const asking = '0197a000-0000-7000-8000-000000000002'
beforeEach(async () => {
  await side.database.query('TRUNCATE write.payment_calls')
  await side.database.query(
    `INSERT INTO write.payment_calls (id, operation, state, order_id, payment_key, amount, currency,
       payment_method, correlation_id, attempts, due_at, give_up_at)
     SELECT id, 'charge', state, id, 'k', 42.50, 'EUR', 'card-ok', 'c', 9, now() + due, now() + due
     FROM (VALUES ($1::uuid, 'given-up', interval '-1 day'), ($2::uuid, 'asking', interval '-2 days'))
       AS t(id, state, due)`,
    [givenUp, asking],
  )
})

test('what the provider has not answered is listed, what nobody asks about any more first', async () => {
  expect(await listCalls(side.database, 10)).toMatchObject([
    { id: givenUp, state: 'given-up', amount: '42.50' },
    { id: asking, state: 'asking' },
  ])
  expect(await listCalls(side.database, 1)).toHaveLength(1)
  expect(await findCall(side.database, asking)).toMatchObject({ id: asking })
  expect(await findCall(side.database, 'no id')).toBeUndefined()
})

test('a charge that was given up is looked up again, for as long as at first, and not made again', async () => {
  expect(await lookUpAgain(side.database, givenUp)).toBe(true)
  const due = await claimCalls(side.database, 10, 1000)
  expect(due.find(({ id }) => id === givenUp)).toMatchObject({ state: 'in-doubt', attempts: 1 })
  const [row] = await side.database.query<{ later: boolean }>(
    `SELECT give_up_at > now() + interval '23 hours' AS later FROM write.payment_calls
     WHERE id = $1::uuid`,
    [givenUp],
  )
  expect(row?.later).toBe(true)
})

test('a charge that is being asked for is left alone', async () => {
  expect(await lookUpAgain(side.database, asking)).toBe(false)
  expect(await findCall(side.database, asking)).toMatchObject({ state: 'asking', attempts: 9 })
})
