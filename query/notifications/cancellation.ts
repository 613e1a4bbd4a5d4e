/** Why an order is off, as far as its customer is concerned. */
export type Cancellation =
  'payment-declined' | 'no-stock' | 'undeliverable' | 'timed-out' | 'requested'

// What fulfilment says begins with these words, whoever carries it out.
const known: readonly (readonly [RegExp, Cancellation])[] = [
  [/^payment (declined|refused)$/, 'payment-declined'],
  [/^out of stock\b/, 'no-stock'],
  [/^undeliverable\b/, 'undeliverable'],
  [
    /^(not paid in time$|no answer in time\b|payment (not answered in time|answered too late)$)/,
    'timed-out',
  ],
]

/** The reason of an `OrderCancelled`; what fulfilment does not say, somebody has asked for. */
export const cancellationOf = (reason: string | null): Cancellation =>
  known.find(([words]) => words.test(reason ?? ''))?.[1] ?? 'requested'
