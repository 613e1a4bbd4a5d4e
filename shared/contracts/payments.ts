import { z } from 'zod'
import { commandsOf, eventsOf } from './contract.ts'
import { paymentMethods } from './orders.ts'

const command = commandsOf('payments')
const event = eventsOf('payments')

/** The payment of an order; `payment_key` is what the provider knows it by, and charges once for. */
const payment = { order_id: z.uuid(), payment_key: z.string() }
const charge = {
  ...payment,
  /** With no more decimals than the currency has; see shared/kernel/money.ts. */
  amount: z.number(),
  currency: z.string(),
  payment_method: z.enum(paymentMethods),
}
const text = z.string().nullable()

/**
 * - `declined`: the provider said no to the payment; another key may be charged.
 * - `timeout`: it has not answered in time. It may have charged: `PaymentProcessed` may still follow.
 * - `refused`: it takes no such payment: the amount is none, or the key was used for something else.
 */
export const paymentFailures = ['declined', 'timeout', 'refused'] as const
export type PaymentFailure = (typeof paymentFailures)[number]

export const paymentStatuses = [
  'REQUESTED',
  'PROCESSED',
  'FAILED',
  'VOIDED',
  'REFUNDING',
  'REFUNDED',
] as const
export type PaymentStatus = (typeof paymentStatuses)[number]

/** Ends in `PaymentProcessed` or `PaymentFailed`. Again under the same key it changes nothing. */
export const ChargePayment = command('ChargePayment', z.strictObject(charge))
/**
 * Ends in `PaymentRefunded` where something was charged, in `PaymentVoided` where nothing is known to
 * have been: such a payment is given up for good, and what is charged for it later is refunded at once.
 */
export const RefundPayment = command(
  'RefundPayment',
  z.strictObject({ ...payment, reason: z.string().optional() }),
)

export const paymentAnswers = ['charged', ...paymentFailures, 'refunded'] as const
export type PaymentAnswer = (typeof paymentAnswers)[number]

/** What the provider has answered. Sent by the payment gateway alone. */
export const RecordPaymentOutcome = command(
  'RecordPaymentOutcome',
  z.strictObject({
    ...payment,
    answer: z.enum(paymentAnswers),
    /** What the provider calls it. */
    reference: text,
  }),
)

/** The provider is asked for the money from now on. */
export const PaymentRequested = event('PaymentRequested', z.strictObject(charge))
const PaymentProcessed = event(
  'PaymentProcessed',
  z.strictObject({
    ...charge,
    reference: text,
    /** True after a `PaymentFailed` or `PaymentVoided` of the same key: nobody counts on it any more. */
    late: z.boolean(),
  }),
)
const PaymentFailed = event(
  'PaymentFailed',
  z.strictObject({ ...charge, reason: z.enum(paymentFailures) }),
)
/** Given up before anything was charged, as far as is known. */
const PaymentVoided = event('PaymentVoided', z.strictObject({ ...payment, refund_reason: text }))
/** The provider is asked to give the money back from now on, until it has. */
export const PaymentRefundRequested = event(
  'PaymentRefundRequested',
  z.strictObject({ ...charge, refund_reason: text }),
)
const PaymentRefunded = event(
  'PaymentRefunded',
  z.strictObject({ ...charge, refund_reason: text, reference: text }),
)

export const paymentCommands = { ChargePayment, RefundPayment, RecordPaymentOutcome } as const
export const paymentEvents = {
  PaymentRequested,
  PaymentProcessed,
  PaymentFailed,
  PaymentVoided,
  PaymentRefundRequested,
  PaymentRefunded,
} as const
