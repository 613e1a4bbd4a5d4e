import type { Money } from '../../shared/kernel/money.ts'

/** What is asked of the provider; `key` is what makes asking again safe. */
export interface ChargeRequest {
  readonly key: string
  readonly amount: Money
  readonly method: string
}

export interface ChargeAnswer {
  /** `refused`: the key was used for another amount or method, or the method is none. */
  readonly answer: 'charged' | 'declined' | 'refused'
  /** What the provider calls it; null where nothing was charged. */
  readonly reference: string | null
}

/**
 * Who moves the money, in the form that payment providers have in common. Whatever is asked again under
 * the same key is answered the same, and moves money once. A call that rejects says nothing about what
 * the provider has done: only asking again does.
 */
export interface PaymentProvider {
  /** Gives up waiting when the signal aborts; the charge may be made all the same. */
  charge(request: ChargeRequest, signal: AbortSignal): Promise<ChargeAnswer>
  /** What has become of a charge; `undefined` while nothing is known of that key. Charges nothing. */
  lookUp(key: string, signal: AbortSignal): Promise<ChargeAnswer | undefined>
  /** Gives back all of a charge. Rejects for a key that was not charged. */
  refund(key: string, signal: AbortSignal): Promise<{ readonly reference: string }>
}
