import { describe, expect, test } from 'bun:test'
import { PaymentRefundRequested, PaymentRequested } from '../../shared/contracts/payments.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { Transaction } from '../../shared/postgres/database.ts'
import { deliveryOf } from '../../tests/support/recorded-events.ts'
import { failureOf } from '../../tests/support/uow-harness.ts'
import { paymentCallsWork } from './payment-calls.work.ts'

const order_id = '0197a000-0000-7000-8000-000000000001'
const data = { order_id, payment_key: order_id, amount: 42.5, currency: 'EUR' }
const requested: Envelope = {
  id: '0197a000-0000-7000-8000-000000000002',
  type: PaymentRequested.type,
  source: '/tests',
  time: '2026-01-01T00:00:00.000Z',
  subject: order_id,
  data: { ...data, payment_method: 'card-ok' },
  correlationId: 'c',
}

const work = paymentCallsWork(() => {})
/** What is noted to be asked of the provider. */
const noted = async (envelope: Envelope) => {
  const rows: unknown[] = []
  const transaction = {
    query: async (_: string, [calls]: readonly unknown[][]) => rows.push(...(calls ?? [])),
  } as unknown as Transaction
  await work.handle(transaction, [deliveryOf(envelope)], { wait: false })
  return rows
}

describe('of what payments tell', () => {
  test('a charge and a refund are noted to be asked for, and nothing else', async () => {
    expect(await noted(requested)).toMatchObject([{ operation: 'charge', amount: '42.50' }])
    const refund = { ...requested, type: PaymentRefundRequested.type }
    expect(
      await noted({ ...refund, data: { ...data, payment_method: 'card-ok', refund_reason: null } }),
    ).toMatchObject([{ operation: 'refund' }])
    expect(await noted({ ...requested, type: 'aeroalpes.payments.PaymentVoided.v1' })).toEqual([])
  })
  test.each([
    ['unknown-version', { type: PaymentRequested.type.replace(/\d+$/, '99') }],
    ['unreadable-event', { data: { ...data, amount: 'much' } }],
  ])('what cannot be read is %s, and never passed over', async (slug, part) => {
    const failure = await failureOf(() => noted({ ...requested, ...part }))
    expect(failure).toMatchObject({ slug, blamed: requested.id })
  })
})
