import { describe, expect, test } from 'bun:test'
import type { PaymentAnswer } from '../../shared/contracts/payments.ts'
import { given } from '../../tests/support/given.ts'
import { happened } from '../../uow/handler.ts'
import { chargePayment } from './charge-payment.ts'
import { type PaymentEvent, payments } from './payment.aggregate.ts'
import { recordPaymentOutcome } from './record-payment-outcome.ts'
import { refundPayment } from './refund-payment.ts'

const order_id = '0197a000-0000-7000-8000-000000000001'
const key = { order_id, payment_key: 'k1' }
const charge = { ...key, amount: 42.5, currency: 'EUR', payment_method: 'card-ok' } as const
const other = { ...charge, payment_key: 'k2' }

const was = (event: PaymentEvent) => happened(payments, order_id, event)
const requested = was({ type: 'PaymentRequested', data: charge })
const processed = was({
  type: 'PaymentProcessed',
  data: { ...charge, reference: 'r', late: false },
})
const failed = (reason: 'declined' | 'timeout' | 'refused') =>
  was({ type: 'PaymentFailed', data: { ...charge, reason } })
const voided = was({ type: 'PaymentVoided', data: { ...key, refund_reason: 'no stock' } })
const refunding = was({
  type: 'PaymentRefundRequested',
  data: { ...charge, refund_reason: 'no stock' },
})
const refunded = was({
  type: 'PaymentRefunded',
  data: { ...charge, refund_reason: 'no stock', reference: 'b' },
})
const said = (answer: PaymentAnswer) => ({ ...key, answer, reference: null })

describe('a charge', () => {
  test('is requested with its amount and currency', () => {
    expect(given().when(chargePayment, charge).decision).toEqual([requested])
  })
  test('under the same key changes nothing, whatever became of the first', () => {
    const ends = [requested, processed, failed('timeout'), failed('declined'), voided, refunded]
    for (const end of ends)
      expect(given(requested, end).when(chargePayment, charge).decision).toEqual([])
  })
  test('of a payment that was given up before it came asks nobody for money', () => {
    expect(given(voided).when(chargePayment, charge).decision).toEqual([])
  })
  test('under another key is made only after a clear no', () => {
    for (const no of ['declined', 'refused'] as const)
      expect(given(requested, failed(no)).when(chargePayment, other).events).toEqual([
        'PaymentRequested',
      ])
    for (const end of [requested, processed, failed('timeout'), voided, refunding, refunded])
      expect(given(requested, end).when(chargePayment, other).rejected).toBe('invalid-transition')
  })
  test('of what is no amount of its currency fails at once', () => {
    const faulty = [
      { ...charge, amount: -1 },
      { ...charge, amount: 42.505 },
      { ...charge, amount: 10.5, currency: 'JPY' },
      { ...charge, amount: 1e308 },
      { ...charge, amount: -0 },
      { ...charge, currency: 'XXX' },
    ]
    for (const data of faulty)
      expect(given().when(chargePayment, data).decision).toEqual([
        was({ type: 'PaymentFailed', data: { ...data, reason: 'refused' } }),
      ])
  })
  test('of yen keeps its amount from request to refund', () => {
    const yen = { ...charge, amount: 1200, currency: 'JPY' }
    const asked = was({ type: 'PaymentRequested', data: yen })
    expect(given(asked).when(recordPaymentOutcome, said('charged')).decision).toMatchObject([
      { event: { data: yen } },
    ])
  })
})

describe('an answer of the provider', () => {
  test('ends the payment', () => {
    const when = (answer: PaymentAnswer) =>
      given(requested).when(recordPaymentOutcome, said(answer))
    expect(when('charged').decision).toMatchObject([
      { event: { type: 'PaymentProcessed', data: { ...charge, late: false } } },
    ])
    expect(when('declined').decision).toEqual([failed('declined')])
    expect(when('timeout').decision).toEqual([failed('timeout')])
    expect(when('refused').decision).toEqual([failed('refused')])
  })
  test('that comes again changes nothing', () => {
    for (const [end, answer] of [
      [processed, 'charged'],
      [failed('declined'), 'declined'],
      [failed('timeout'), 'timeout'],
    ] as const)
      expect(given(requested, end).when(recordPaymentOutcome, said(answer)).decision).toEqual([])
    const past = [requested, processed, refunding, refunded]
    expect(given(...past).when(recordPaymentOutcome, said('refunded')).decision).toEqual([])
  })
  test('of yes after the timeout is told as late', () => {
    const late = given(requested, failed('timeout')).when(recordPaymentOutcome, said('charged'))
    expect(late.decision).toMatchObject([
      { event: { type: 'PaymentProcessed', data: { ...charge, late: true } } },
    ])
  })
  test('of a timeout after the yes takes nothing back', () => {
    expect(given(requested, processed).when(recordPaymentOutcome, said('timeout')).events).toEqual(
      [],
    )
  })
  test('of yes to a payment that was given up starts its refund', () => {
    const late = given(requested, voided).when(recordPaymentOutcome, said('charged'))
    expect(late.decision).toMatchObject([
      { event: { type: 'PaymentProcessed', data: { late: true } } },
      refunding,
    ])
  })
  test('to nobody’s question is rejected', () => {
    const answered = said('charged')
    expect(given().when(recordPaymentOutcome, answered).rejected).toBe('not-found')
    expect(given(voided).when(recordPaymentOutcome, answered).rejected).toBe('not-found')
    const elsewhere = { ...answered, payment_key: 'k2' }
    expect(given(requested).when(recordPaymentOutcome, elsewhere).rejected).toBe('not-found')
  })
})

describe('a refund', () => {
  const refund = { ...key, reason: 'no stock' }
  test('of what was charged is asked of the provider, and ends when they have given it back', () => {
    expect(given(requested, processed).when(refundPayment, refund).decision).toEqual([refunding])
    const back = given(requested, processed, refunding).when(recordPaymentOutcome, {
      ...said('refunded'),
      reference: 'b',
    })
    expect(back.decision).toEqual([refunded])
  })
  test('of a payment that came late is made, too', () => {
    const late = was({ type: 'PaymentProcessed', data: { ...charge, reference: 'r', late: true } })
    const past = [requested, failed('timeout'), late]
    expect(given(...past).when(refundPayment, refund).decision).toEqual([refunding])
  })
  test('of what was not charged, as far as is known, gives the payment up', () => {
    for (const past of [[], [requested], [requested, failed('timeout')]])
      expect(given(...past).when(refundPayment, refund).decision).toEqual([voided])
  })
  test('asked for twice is made once', () => {
    for (const past of [[voided], [requested, processed, refunding], [requested, refunded]])
      expect(given(...past).when(refundPayment, refund).decision).toEqual([])
  })
  test('under another key than the payment’s is rejected', () => {
    const elsewhere = { ...refund, payment_key: 'k2' }
    expect(given(requested, processed).when(refundPayment, elsewhere).rejected).toBe('not-found')
  })
})
