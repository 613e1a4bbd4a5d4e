import { Transient } from '../../kernel/fates.ts'
import type { Database } from '../../postgres/database.ts'
import { databaseTrouble } from '../../postgres/errors.ts'

/** The broker is away; the port's error for every operation. */
export const brokerAway = (cause: unknown): Transient =>
  new Transient('broker-unavailable', 'the broker is away: its Postgres cannot be reached', {
    cause,
  })

/** Is this an error that goes away by itself, with the broker's database back or a lock free? */
export const passes = (error: unknown): boolean =>
  databaseTrouble(error) !== 'other' ||
  (error instanceof Transient && error.slug === 'broker-unavailable')

// Above the server's own statement_timeout of 5 s: only an answer that is lost takes longer.
const patienceMs = 6000

/**
 * Runs one statement; an error that passes becomes the port's `broker-unavailable`, and so does an
 * answer that never comes: a connection that breaks at the wrong moment can swallow a statement.
 */
export const ask = async <Row extends object>(
  database: Pick<Database, 'query'>,
  text: string,
  parameters: readonly unknown[] = [],
  withinMs = patienceMs,
): Promise<Row[]> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(brokerAway(new Error(`no answer in ${withinMs} ms`))), withinMs)
  })
  try {
    return await Promise.race([database.query<Row>(text, parameters), late])
  } catch (error) {
    throw passes(error) ? brokerAway(error) : error
  } finally {
    clearTimeout(timer)
  }
}
