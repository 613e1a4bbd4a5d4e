import { isUuid } from '../../shared/kernel/ids.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import { defaultPatience } from './ask-provider.ts'

/** What the provider has not answered yet, as people get to see it. */
export interface ListedCall {
  readonly id: string
  readonly operation: 'charge' | 'refund'
  readonly state: string
  readonly order_id: string
  readonly amount: string
  readonly currency: string
  readonly attempts: number
  readonly due_at: Date
}

const columns = 'id, operation, state, order_id, amount, currency, attempts, due_at'

const list = `
  SELECT ${columns} FROM write.payment_calls ORDER BY state = 'given-up' DESC, due_at, id
  LIMIT $1::integer`

/** Those that nobody asks about any more first. */
export const listCalls = (on: Queryable, limit: number): Promise<readonly ListedCall[]> =>
  on.query<ListedCall>(list, [limit])

const find = `SELECT ${columns} FROM write.payment_calls WHERE id = $1::uuid`

export const findCall = async (on: Queryable, id: string): Promise<ListedCall | undefined> =>
  isUuid(id) ? (await on.query<ListedCall>(find, [id]))[0] : undefined

const again = `
  UPDATE write.payment_calls SET state = 'in-doubt', attempts = 0, due_at = now(),
    give_up_at = now() + $2::integer * interval '1 millisecond'
  WHERE id = $1::uuid AND state = 'given-up' RETURNING id`

/** Looks a payment up that was given up, for as long as at first; false where none was. Charges nothing. */
export const lookUpAgain = async (
  on: Queryable,
  id: string,
  giveUpMs = defaultPatience.giveUpMs,
): Promise<boolean> => (await on.query(again, [id, giveUpMs])).length > 0
