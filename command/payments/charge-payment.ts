import { ChargePayment } from '../../shared/contracts/payments.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { amountFault, type Charge, type Payment, payments } from './payment.aggregate.ts'

/**
 * Asks for the money; what becomes of it is told by events, the failures too: whoever waits for the
 * payment of this order listens to them. Asked again, or after the payment was given up, it changes nothing.
 */
export const chargePayment = handler<Charge>({
  contract: ChargePayment,
  locks: ({ order_id }) => [lock(payments, order_id)],
  decide(charge, rows) {
    const { order_id, payment_key } = charge
    const before = rows.get(payments, order_id)
    if (before?.payment_key === payment_key) return []
    if (before && stillCounts(before))
      return rejected(
        'invalid-transition',
        `order ${order_id} has a payment that is ${before.status}: another could charge it twice`,
      )
    if (amountFault(charge))
      return [
        happened(payments, order_id, {
          type: 'PaymentFailed',
          data: { ...charge, reason: 'refused' },
        }),
      ]
    return [happened(payments, order_id, { type: 'PaymentRequested', data: charge })]
  },
})

/** Only a clear no of the provider makes room for another payment. */
const stillCounts = ({ status, failure }: Payment) => status !== 'FAILED' || failure === 'timeout'
