import type { PaymentFailure } from '../shared/contracts/payments.ts'
import { someOf } from './some-of.ts'

const failures: Readonly<Record<PaymentFailure, string>> = {
  declined: 'declined',
  refused: 'refused',
  timeout: 'not answered in time',
}

/** Why an order is given up, in the words that its customer reads: the same however orders are fulfilled. */
export const reasons = {
  outOfStock: ({ missing }: { readonly missing: readonly { readonly sku: string }[] }) =>
    `out of stock: ${someOf(missing.map(({ sku }) => sku))}`,
  stockReleased: ({ reason }: { readonly reason: string | null }) => reason ?? 'stock released',
  paymentFailed: ({ reason }: { readonly reason: PaymentFailure }) => `payment ${failures[reason]}`,
  /** Also of one that was answered when nobody counted on it any more. */
  paymentLate: `payment ${failures.timeout}`,
  paymentGivenBack: ({ refund_reason }: { readonly refund_reason: string | null }) =>
    refund_reason ?? 'payment given back',
  shipmentFailed: ({ reason, detail }: { readonly reason: string; readonly detail: string }) =>
    `${reason}: ${detail}`,
  shipmentCancelled: ({ reason }: { readonly reason: string | null }) =>
    reason ?? 'shipment cancelled',
  cancelled: ({ reason }: { readonly reason: string | null }) => reason ?? 'cancelled',
  notPaid: 'not paid in time',
} as const
