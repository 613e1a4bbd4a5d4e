import { paymentEvents, type PaymentStatus } from '../../shared/contracts/payments.ts'
import type { EventsOf, Stream, View } from '../projection/view.ts'
import { type PaymentRow, paymentTable } from './payment.table.ts'

type PaymentEvent = EventsOf<typeof paymentEvents>

const statuses = {
  PaymentRequested: 'REQUESTED',
  PaymentProcessed: 'PROCESSED',
  PaymentFailed: 'FAILED',
  PaymentVoided: 'VOIDED',
  PaymentRefundRequested: 'REFUNDING',
  PaymentRefunded: 'REFUNDED',
} as const satisfies Readonly<Record<PaymentEvent['name'], PaymentStatus>>

/** How far is the payment of an order? */
const paymentView: View<PaymentRow, PaymentEvent, Omit<PaymentRow, 'version' | 'revision'>> = {
  name: 'payments',
  revision: 1,
  table: paymentTable,
  rowId: ({ subject }) => subject,
  project: (_before, { name, data, subject: id, time }) => ({
    id,
    payment_key: data.payment_key,
    status: statuses[name],
    failure: name === 'PaymentFailed' ? data.reason : null,
    updated_at: time,
  }),
}

export const paymentStream: Stream<PaymentEvent> = {
  module: 'payments',
  contracts: paymentEvents,
  head: paymentView,
  links: [],
}
