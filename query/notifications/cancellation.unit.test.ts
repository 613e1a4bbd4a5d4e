import { expect, test } from 'bun:test'
import { cancellationOf } from './cancellation.ts'

test.each([
  ['payment declined', 'payment-declined'],
  ['payment refused', 'payment-declined'],
  ['payment not answered in time', 'timed-out'],
  ['payment answered too late', 'timed-out'],
  ['not paid in time', 'timed-out'],
  ['no answer in time: ship', 'timed-out'],
  ['out of stock: prod-1, prod-2', 'no-stock'],
  ['undeliverable: there is no postal code 00000', 'undeliverable'],
  [null, 'requested'],
  ['plans changed', 'requested'],
  ['I am out of stock of patience', 'requested'],
])('an order that is off for the reason %p was cancelled as %s', (reason, cancellation) => {
  expect(cancellationOf(reason)).toBe(cancellation as 'requested')
})
