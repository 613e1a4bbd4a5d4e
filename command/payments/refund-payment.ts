import type { DataOf } from '../../shared/contracts/contract.ts'
import { RefundPayment } from '../../shared/contracts/payments.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { chargeOf, payments } from './payment.aggregate.ts'

/**
 * Gives back what was charged. Where nothing was, as far as is known, the payment is remembered as given
 * up: its charge, or the provider's yes to it, may come later, and must keep nobody's money.
 */
export const refundPayment = handler<DataOf<typeof RefundPayment>>({
  contract: RefundPayment,
  locks: ({ order_id }) => [lock(payments, order_id)],
  decide({ order_id, payment_key, reason = null }, rows) {
    const payment = rows.get(payments, order_id)
    if (payment && payment.payment_key !== payment_key)
      return rejected('not-found', `order ${order_id} has no payment ${payment_key} to give back`)
    switch (payment?.status) {
      case 'VOIDED':
      case 'REFUNDING':
      case 'REFUNDED':
        return []
      case 'PROCESSED': {
        const charge = payment && chargeOf(payment)
        if (!charge) throw new Error(`payment ${payment_key} was processed without an amount`)
        const data = { ...charge, refund_reason: reason }
        return [happened(payments, order_id, { type: 'PaymentRefundRequested', data })]
      }
      default: {
        const data = { order_id, payment_key, refund_reason: reason }
        return [happened(payments, order_id, { type: 'PaymentVoided', data })]
      }
    }
  },
})
