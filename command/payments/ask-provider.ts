import { backoff } from '../../shared/delivery/pause.ts'
import { Transient } from '../../shared/kernel/fates.ts'
import { moneyOf } from '../../shared/kernel/money.ts'
import { within } from '../../shared/kernel/within.ts'
import type { PaymentAnswer } from '../../shared/contracts/payments.ts'
import type { PaymentCall } from './payment-calls.ts'
import type { ChargeRequest, PaymentProvider } from './provider.ts'

/** How long is waited for the provider, in ms. */
export interface ProviderPatience {
  /** For one answer. */
  readonly deadlineMs: number
  /** Between two attempts, at first: each is about twice as long as the one before. */
  readonly restMs: number
  readonly longestRestMs: number
  /** Attempts at a charge that the provider did not take, before it counts as not answered in time. */
  readonly attempts: number
  /** How long a charge that was not answered in time is looked up. */
  readonly giveUpMs: number
}

export const defaultPatience: ProviderPatience = {
  deadlineMs: 3000,
  restMs: 500,
  longestRestMs: 60_000,
  attempts: 5,
  giveUpMs: 24 * 3_600_000,
}

/** What one attempt has led to: an answer to record, or another attempt after a rest. */
export type Asked =
  | { readonly answer: PaymentAnswer; readonly reference: string | null }
  | { readonly restMs: number; readonly error?: unknown }

/** Asks once. Never rejects: whatever goes wrong is a reason to ask again, or to stop waiting. */
export const askProvider = async (
  provider: PaymentProvider,
  call: PaymentCall,
  patience: ProviderPatience,
): Promise<Asked> => {
  const asking = new AbortController()
  try {
    return await within(patience.deadlineMs, ask(provider, call, patience, asking.signal), late)
  } catch (error) {
    const isLate = error instanceof LateProvider || call.attempts >= patience.attempts
    if (call.operation === 'charge' && call.state === 'asking' && isLate)
      return { answer: 'timeout', reference: null }
    return { restMs: restOf(call, patience), error }
  } finally {
    asking.abort()
  }
}

const ask = async (
  provider: PaymentProvider,
  call: PaymentCall,
  patience: ProviderPatience,
  signal: AbortSignal,
): Promise<Asked> => {
  if (call.operation === 'refund') {
    const { reference } = await provider.refund(call.payment_key, signal)
    return { answer: 'refunded', reference }
  }
  if (call.state === 'asking') return provider.charge(requestOf(call), signal)
  const found = await provider.lookUp(call.payment_key, signal)
  return found ?? { restMs: restOf(call, patience) }
}

const requestOf = ({
  payment_key,
  amount,
  currency,
  payment_method,
}: PaymentCall): ChargeRequest => ({
  key: payment_key,
  amount: moneyOf(amount, currency),
  method: payment_method,
})

const restOf = ({ attempts }: PaymentCall, { restMs, longestRestMs }: ProviderPatience) =>
  backoff(attempts, restMs, longestRestMs)

class LateProvider extends Transient {}
const late = () =>
  new LateProvider('provider-late', 'the payment provider has not answered in time')
