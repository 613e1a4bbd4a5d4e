import type { DataOf } from '../../shared/contracts/contract.ts'
import type { ChargePayment, paymentEvents } from '../../shared/contracts/payments.ts'
import { decimalText, moneyFault, moneyOf, wireNumber } from '../../shared/kernel/money.ts'
import { aggregate, type EventPlace } from '../../uow/aggregate.ts'
import { lockRank } from '../write-schema.ts'
import { paymentTable } from './payment.table.ts'

type Contracts = typeof paymentEvents

export type PaymentEvent = {
  [Name in keyof Contracts]: { readonly type: Name; readonly data: DataOf<Contracts[Name]> }
}[keyof Contracts]

export type Payment = Readonly<typeof paymentTable.$inferSelect>

export type Charge = DataOf<typeof ChargePayment>

/** Why nobody can be charged this; `undefined` where they can. */
export const amountFault = ({ amount, currency }: Charge): string | undefined =>
  amount < 0 ? 'must not be negative' : moneyFault(amount, currency)

const evolvePayment = (
  before: Payment | undefined,
  { type, data }: PaymentEvent,
  { id }: EventPlace,
): Omit<Payment, 'version'> => {
  const { payment_key } = data
  if (type === 'PaymentVoided')
    return {
      ...(before ?? unasked),
      id,
      payment_key,
      status: 'VOIDED',
      refund_reason: data.refund_reason,
    }
  const charged = { id, payment_key, ...chargedIn(data), failure: null, refund_reason: null }
  switch (type) {
    case 'PaymentRequested':
      return { ...charged, status: 'REQUESTED' }
    case 'PaymentProcessed':
      return { ...charged, status: 'PROCESSED' }
    case 'PaymentFailed':
      return { ...charged, status: 'FAILED', failure: data.reason }
    case 'PaymentRefundRequested':
      return { ...charged, status: 'REFUNDING', refund_reason: data.refund_reason }
    case 'PaymentRefunded':
      return { ...charged, status: 'REFUNDED', refund_reason: data.refund_reason }
    default:
      return data satisfies never
  }
}

const unasked = { amount: null, currency: null, payment_method: null, failure: null }

const chargedIn = (charge: Charge) => {
  if (amountFault(charge)) return unasked
  const { amount, currency, payment_method } = charge
  return { amount: decimalText(moneyOf(amount, currency)), currency, payment_method }
}

/** What the provider was asked for; `undefined` where it never was. */
export const chargeOf = ({ id, payment_key, ...row }: Payment): Charge | undefined => {
  const { amount, currency, payment_method } = row
  if (amount === null || currency === null || payment_method === null) return undefined
  const exact = wireNumber(moneyOf(amount, currency))
  return { order_id: id, payment_key, amount: exact, currency, payment_method }
}

/** What an order has been paid, as far as the provider has said. */
export const payments = aggregate<Payment, PaymentEvent>({
  name: 'payments',
  rank: lockRank.payments,
  table: paymentTable,
  evolve: evolvePayment,
})
