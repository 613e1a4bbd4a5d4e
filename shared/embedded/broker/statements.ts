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

/** Runs one statement; an error that passes becomes the port's `broker-unavailable`. */
export const ask = async <Row extends object>(
  database: Database,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> => {
  try {
    return await database.query<Row>(text, parameters)
  } catch (error) {
    throw passes(error) ? brokerAway(error) : error
  }
}
