import { once } from 'node:events'
import { derivedId } from '../../shared/kernel/ids.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import type { ChargeAnswer, ChargeRequest, PaymentProvider } from './provider.ts'

interface Booked {
  readonly answer: 'charged' | 'declined'
  /** As it was asked for when the key was new. */
  readonly same: boolean
}

// Whoever comes second, however close behind, gets what the first one got: the key is unique.
const book = `
  INSERT INTO write.sandbox_ledger AS booked (payment_key, entry, answer, minor, currency, method)
  VALUES ($1, 'charge', $2, $3::bigint, $4, $5)
  ON CONFLICT (payment_key, entry) DO UPDATE SET answer = booked.answer
  RETURNING answer, minor = $3::bigint AND currency = $4 AND method = $5 AS same`

const find = `
  SELECT answer, true AS same
  FROM write.sandbox_ledger WHERE payment_key = $1 AND entry = 'charge'`

const giveBack = `
  INSERT INTO write.sandbox_ledger (payment_key, entry, answer, minor, currency, method)
  SELECT payment_key, 'refund', 'refunded', minor, currency, method
  FROM write.sandbox_ledger WHERE payment_key = $1 AND entry = 'charge' AND answer = 'charged'
  ON CONFLICT (payment_key, entry) DO UPDATE SET answer = EXCLUDED.answer RETURNING payment_key`

/**
 * The provider that comes with the house. The card says what happens: `card-ok` is charged,
 * `card-declined` is not, `card-timeout` is never answered nor charged, `card-late` is charged at once
 * while the caller waits in vain and learns of it only by asking later. `on` stands for the provider's
 * own database: each booking commits by itself.
 */
export const sandboxProvider = (on: Queryable): PaymentProvider => ({
  async charge(request, signal) {
    if (request.method === 'card-timeout') return unanswered(signal)
    if (!Object.hasOwn(answers, request.method)) return { answer: 'refused', reference: null }
    const answer = await charge(on, request)
    return request.method === 'card-late' ? unanswered(signal) : answer
  },
  async lookUp(key) {
    const [booked] = await on.query<Booked>(find, [key])
    return booked && answerOf(key, booked)
  },
  async refund(key) {
    const [refunded] = await on.query(giveBack, [key])
    if (!refunded) throw new Error('there is no charge to give back')
    return { reference: derivedId('sandbox', 'refund', key) }
  },
})

const answers: Readonly<Record<string, Booked['answer']>> = {
  'card-ok': 'charged',
  'card-declined': 'declined',
  'card-late': 'charged',
}

const charge = async (on: Queryable, { key, amount, method }: ChargeRequest) => {
  const answer = answers[method] ?? 'declined'
  const [booked] = await on.query<Booked>(book, [
    key,
    answer,
    amount.minor,
    amount.currency,
    method,
  ])
  if (!booked) throw new Error('the ledger of the sandbox has booked nothing')
  return answerOf(key, booked)
}

const answerOf = (key: string, { answer, same }: Booked): ChargeAnswer => {
  if (!same) return { answer: 'refused', reference: null }
  return { answer, reference: answer === 'charged' ? derivedId('sandbox', 'charge', key) : null }
}

const unanswered = async (signal: AbortSignal): Promise<never> => {
  if (!signal.aborted) await once(signal, 'abort')
  throw new Error('the provider has not answered')
}
