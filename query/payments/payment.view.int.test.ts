import { afterAll, beforeAll, expect, test } from 'bun:test'
import { newId } from '../../shared/kernel/ids.ts'
import { testReadSide, type TestReadSide } from '../../tests/support/query-app.ts'
import { envelopeOf } from '../../tests/support/recorded-events.ts'

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
afterAll(() => readSide.close())

const rowOf = async (table: string, id: string) => {
  const [row] = await readSide.database.query(`SELECT * FROM read.${table} WHERE id = $1::uuid`, [
    id,
  ])
  return row
}

test('a payment that fails, succeeds late and is given back is read as that', async () => {
  const order_id = newId()
  const charge = {
    order_id,
    payment_key: 'k',
    amount: 42.5,
    currency: 'EUR',
    payment_method: 'card-late',
  }
  await readSide.project(
    envelopeOf('PaymentRequested', order_id, 1, charge),
    envelopeOf('PaymentFailed', order_id, 2, { ...charge, reason: 'timeout' }),
  )
  const failed = { status: 'FAILED', failure: 'timeout', payment_key: 'k', version: 2 }
  expect(await rowOf('payments', order_id)).toMatchObject(failed)
  await readSide.project(
    envelopeOf('PaymentProcessed', order_id, 3, { ...charge, reference: 'r', late: true }),
    envelopeOf('PaymentRefundRequested', order_id, 4, { ...charge, refund_reason: 'late' }),
    envelopeOf('PaymentRefunded', order_id, 5, {
      ...charge,
      refund_reason: 'late',
      reference: 'b',
    }),
  )
  const refunded = { status: 'REFUNDED', failure: null, version: 5 }
  expect(await rowOf('payments', order_id)).toMatchObject(refunded)
})
