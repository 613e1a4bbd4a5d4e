import type { DataOf } from '../../shared/contracts/contract.ts'
import { RecordPaymentOutcome } from '../../shared/contracts/payments.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import {
  type Charge,
  chargeOf,
  type Payment,
  type PaymentEvent,
  payments,
} from './payment.aggregate.ts'

type Outcome = DataOf<typeof RecordPaymentOutcome>

/**
 * What the provider said, whenever it said so: a yes after a timeout is an event like any other, so that
 * somebody can give the money back. The same answer again changes nothing.
 */
export const recordPaymentOutcome = handler<Outcome>({
  contract: RecordPaymentOutcome,
  locks: ({ order_id }) => [lock(payments, order_id)],
  decide(outcome, rows) {
    const { order_id, payment_key } = outcome
    const payment = rows.get(payments, order_id)
    const charge = payment?.payment_key === payment_key ? chargeOf(payment) : undefined
    if (!payment || !charge)
      return rejected('not-found', `order ${order_id} has asked for no payment ${payment_key}`)
    return eventsOf(outcome, payment, charge).map((event) => happened(payments, order_id, event))
  },
})

const eventsOf = (
  { answer, reference }: Outcome,
  payment: Payment,
  charge: Charge,
): readonly PaymentEvent[] => {
  const { status, refund_reason } = payment
  switch (answer) {
    case 'charged': {
      if (!isOpen(payment)) return []
      const data = { ...charge, reference, late: status !== 'REQUESTED' }
      const processed = { type: 'PaymentProcessed', data } as const
      return status === 'VOIDED'
        ? [processed, { type: 'PaymentRefundRequested', data: { ...charge, refund_reason } }]
        : [processed]
    }
    case 'refunded':
      return status === 'REFUNDING'
        ? [{ type: 'PaymentRefunded', data: { ...charge, refund_reason, reference } }]
        : []
    default:
      return status === 'REQUESTED'
        ? [{ type: 'PaymentFailed', data: { ...charge, reason: answer } }]
        : []
  }
}

/** The provider may still say yes. */
const isOpen = ({ status, failure }: Payment) =>
  status === 'REQUESTED' || status === 'VOIDED' || (status === 'FAILED' && failure === 'timeout')
