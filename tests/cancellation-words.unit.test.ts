import { expect, test } from 'bun:test'
import { cancellationOf } from '../query/notifications/cancellation.ts'
import { after, heard } from './support/fulfilment.ts'

const { created, reserved, charged, committed, due } = heard
const charging = [created(), reserved]
const shipping = [...charging, charged, committed]

// The two sides share no code: they agree in words, and here is who says so.
test.each([
  ['no-stock', [created(), heard.short]],
  ['payment-declined', [...charging, heard.declined]],
  ['timed-out', [...charging, heard.paymentTimedOut]],
  ['timed-out', [...charging, heard.chargedLate]],
  ['timed-out', [...charging, due('charge 1')]],
  ['timed-out', [created(null), reserved, due('await-payment 1')]],
  ['undeliverable', [...shipping, heard.undeliverable]],
  ['timed-out', [...shipping, due('ship 1')]],
  ['requested', [...charging, heard.cancelled]],
] as const)('what fulfilment calls off is told its customer as %s', (cancellation, events) => {
  const { reason } = after(...events).state!
  expect(reason).not.toBeNull()
  expect(cancellationOf(reason)).toBe(cancellation)
})
