import type { Queryable, Transaction } from '../../shared/postgres/database.ts'
import type { paymentCallTable } from './payment-call.table.ts'

export type PaymentCall = Readonly<
  Omit<typeof paymentCallTable.$inferSelect, 'due_at' | 'give_up_at'>
>

const columns = `c.id, c.operation, c.state, c.order_id, c.payment_key, c.amount, c.currency,
  c.payment_method, c.correlation_id, c.traceparent, c.attempts`

// An event that comes again after its call is over is asked once more: the same key has the same answer.
const insert = `
  INSERT INTO write.payment_calls (id, operation, state, order_id, payment_key, amount, currency,
    payment_method, correlation_id, traceparent, attempts, due_at)
  SELECT id, operation, state, order_id, payment_key, amount, currency, payment_method, correlation_id,
    traceparent, attempts, now()
  FROM json_populate_recordset(NULL::write.payment_calls, $1) ORDER BY id
  ON CONFLICT (id) DO NOTHING`

export const addCalls = async (
  transaction: Transaction,
  calls: readonly PaymentCall[],
): Promise<void> => {
  if (calls.length > 0) await transaction.query(insert, [calls])
}

// A lease ends by itself: what was asked by a gateway that died is asked again, under the same key.
const claim = `
  WITH due AS MATERIALIZED (
    SELECT id FROM write.payment_calls WHERE state <> 'given-up' AND due_at <= now()
    ORDER BY due_at LIMIT $1::integer FOR UPDATE SKIP LOCKED
  )
  UPDATE write.payment_calls c
  SET attempts = c.attempts + 1, due_at = now() + make_interval(secs => $2)
  FROM due WHERE c.id = due.id RETURNING ${columns}`

/** Leases calls that are due for so long, each to one asker at a time. */
export const claimCalls = (
  on: Queryable,
  atMost: number,
  leaseMs: number,
): Promise<readonly PaymentCall[]> => on.query<PaymentCall>(claim, [atMost, leaseMs / 1000])

const postpone = `
  UPDATE write.payment_calls SET
    state = CASE WHEN give_up_at <= now() THEN 'given-up' ELSE state END,
    due_at = now() + make_interval(secs => $3)
  WHERE id = $1::uuid AND state = $2 RETURNING state`

/** Asks again later, or, in doubt for too long, never: then it answers true. */
export const postponeCall = async (
  on: Queryable,
  { id, state }: PaymentCall,
  restMs: number,
): Promise<boolean> => {
  const [row] = await on.query<{ state: string }>(postpone, [id, state, restMs / 1000])
  return row?.state === 'given-up'
}

// Locked in one order, whatever was answered: two that were asked the same must not wait for each other.
const settle = `
  WITH mine AS MATERIALIZED (
    SELECT id, state FROM write.payment_calls WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE),
  doubted AS (
    UPDATE write.payment_calls c SET state = 'in-doubt', attempts = 0,
      due_at = now() + make_interval(secs => $3), give_up_at = now() + make_interval(secs => $4)
    FROM mine WHERE c.id = mine.id AND mine.state = 'asking' AND mine.id = ANY ($2::uuid[])
    RETURNING c.id),
  finished AS (
    DELETE FROM write.payment_calls c USING mine
    WHERE c.id = mine.id AND mine.id <> ALL ($2::uuid[]) RETURNING c.id)
  SELECT id FROM doubted UNION ALL SELECT id FROM finished`

export interface Doubt {
  readonly lookUpMs: number
  readonly giveUpMs: number
}

/**
 * Takes calls off the list; those that were not answered in time (`late`) are in doubt from now on.
 * Answers the ids of which this was not known before.
 */
export const settleCalls = async (
  transaction: Transaction,
  ids: readonly string[],
  late: readonly string[],
  { lookUpMs, giveUpMs }: Doubt,
): Promise<ReadonlySet<string>> => {
  const rows = await transaction.query<{ id: string }>(settle, [
    ids,
    late,
    lookUpMs / 1000,
    giveUpMs / 1000,
  ])
  return new Set(rows.map(({ id }) => id))
}
