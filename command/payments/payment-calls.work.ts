import type { DataOf } from '../../shared/contracts/contract.ts'
import { PaymentRefundRequested, PaymentRequested } from '../../shared/contracts/payments.ts'
import { contractReader, readData } from '../../shared/contracts/upcasting.ts'
import { blame } from '../../shared/delivery/failures.ts'
import type { Delivery, Work } from '../../shared/delivery/work.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import { decimalText, moneyOf } from '../../shared/kernel/money.ts'
import { addCalls, type PaymentCall } from './payment-calls.ts'

/** Notes what is to be asked of the provider: a row in the transaction of the inbox. */
export const paymentCallsWork = (noted: () => void): Work => ({
  concerns: reader.names,
  async handle(transaction, deliveries) {
    await addCalls(transaction, deliveries.flatMap(callsOf))
    return { deferred: [] }
  },
  committed: noted,
})

const reader = contractReader([PaymentRequested, PaymentRefundRequested])

const callsOf = ({ envelope }: Delivery): readonly PaymentCall[] => {
  try {
    const found = reader.find(envelope.type)
    if (!found) return []
    const read = readData(found, envelope.data)
    if (!read.success)
      throw new Poison('unreadable-event', `event ${envelope.id} is no ${envelope.type}`, {
        cause: read.error,
      })
    return [callOf(envelope, found.contract === PaymentRequested ? 'charge' : 'refund', read.data)]
  } catch (error) {
    throw blame(error, envelope.id)
  }
}

const callOf = (
  { id, correlationId, traceparent }: Delivery['envelope'],
  operation: PaymentCall['operation'],
  { order_id, payment_key, amount, currency, payment_method }: DataOf<typeof PaymentRequested>,
): PaymentCall => ({
  id,
  operation,
  state: 'asking',
  order_id,
  payment_key,
  amount: decimalText(moneyOf(amount, currency)),
  currency,
  payment_method,
  correlation_id: correlationId,
  traceparent: traceparent ?? null,
  attempts: 0,
})
