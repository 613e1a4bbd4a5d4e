import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { heard, order_id, payment } from '../../tests/support/fulfilment.ts'
import { asHeard, toldBy } from '../../tests/support/reactions.ts'
import { paymentsReactor } from './fulfilment.reactor.ts'

const told = toldBy(paymentsReactor())
const { created, reserved, charged, due } = heard
const asked = [created(), reserved]
const payment_key = order_id

describe('payments', () => {
  test('charges an order as soon as its stock is held', () => {
    expect(told(created()).sent).toEqual([])
    const { sent, data } = told(...asked)
    expect(sent).toEqual(['ChargePayment'])
    expect(data).toEqual([payment])
  })
  test('waits for the customer to say how', () => {
    expect(told(created(null), reserved)).toMatchObject({ sent: [], timers: {} })
    expect(told(created(null), reserved, heard.payRequested).data).toEqual([payment])
  })
  test.each([
    ['its stock was let go', heard.released, 'stock released'],
    ['nobody can deliver it', heard.undeliverable, 'undeliverable: nobody delivers there'],
    ['it is cancelled', heard.cancelled, 'plans changed'],
  ])('gives back what an order was charged when %s', (_, event, reason) => {
    const { sent, data } = told(...asked, charged, event)
    expect(sent).toEqual(['RefundPayment'])
    expect(data).toEqual([{ order_id, payment_key, reason }])
    // It may be charged any moment, too.
    expect(told(...asked, event).sent).toEqual(['RefundPayment'])
  })
  test('gives back what a provider that has not answered may have taken', () => {
    expect(told(...asked, heard.paymentTimedOut).sent).toEqual(['RefundPayment'])
    expect(told(...asked, heard.paymentTimedOut, heard.chargedLate).sent).toEqual([])
  })
  test('has nothing to give back where nothing was taken, or all given back', () => {
    for (const last of [heard.declined, heard.voided, heard.refunded])
      expect(told(...asked, last, heard.cancelled, heard.released).sent).toEqual([])
    expect(told(created(), heard.cancelled).sent).toEqual([])
  })
  test('charges nothing for an order that is off', () => {
    expect(told(created(), heard.cancelled, reserved).sent).toEqual([])
    expect(told(heard.cancelled, created(), reserved).sent).toEqual([])
  })
})

describe('the deadline of a payment', () => {
  test('is a minute after it was asked for', () => {
    expect(told(...asked).timers).toEqual({ deadline: 60_000 })
  })
  test('lets the payment itself tell whether the answer came first', () => {
    const { sent, data } = told(...asked, due('deadline'))
    expect(sent).toEqual(['RecordPaymentOutcome'])
    expect(data).toEqual([{ order_id, payment_key, answer: 'timeout', reference: null }])
  })
  test('does not come once it was answered, or is off', () => {
    for (const last of [charged, heard.declined, heard.voided, heard.cancelled]) {
      expect(told(...asked, last).timers).toEqual({})
      expect(told(...asked, last, due('deadline')).sent).toEqual([])
    }
  })
})

test('payments charges once, whatever it hears first or twice', () => {
  const story = [created(null), reserved, heard.payRequested, charged]
  fc.assert(
    fc.property(asHeard(story), (events) => {
      expect(told(...events).everSent).toEqual(['ChargePayment'])
    }),
  )
})
