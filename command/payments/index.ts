import { paymentEvents } from '../../shared/contracts/payments.ts'
import { asPublished, parsedBy } from '../wiring.ts'
import { chargePayment } from './charge-payment.ts'
import { recordPaymentOutcome } from './record-payment-outcome.ts'
import { refundPayment } from './refund-payment.ts'

export { paymentsReactor } from './fulfilment.reactor.ts'

/** What the module does: its use cases, what it reacts to, and what others get to see of it. */
export const paymentModule = {
  commands: {
    ChargePayment: parsedBy(chargePayment),
    RefundPayment: parsedBy(refundPayment),
    RecordPaymentOutcome: parsedBy(recordPaymentOutcome),
  },
  reactions: {},
  integration: {
    PaymentRequested: asPublished(paymentEvents.PaymentRequested),
    PaymentProcessed: asPublished(paymentEvents.PaymentProcessed),
    PaymentFailed: asPublished(paymentEvents.PaymentFailed),
    PaymentVoided: asPublished(paymentEvents.PaymentVoided),
    PaymentRefundRequested: asPublished(paymentEvents.PaymentRefundRequested),
    PaymentRefunded: asPublished(paymentEvents.PaymentRefunded),
  },
} as const
