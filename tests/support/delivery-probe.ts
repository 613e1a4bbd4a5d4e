import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { toMessage } from '../../shared/messaging/envelope.ts'
import type { ReceivedMessage } from '../../shared/messaging/port.ts'
import type { Database, Transaction } from '../../shared/postgres/database.ts'
import type { Delivery, Work } from '../../shared/delivery/work.ts'

export const silent = pino({ level: 'silent' })

/** A message of `key` whose id is `id`, as a broker would hand it out. */
export const received = (
  key: string,
  id: string = randomUUID(),
  data: unknown = {},
  publishTime = new Date(),
): ReceivedMessage => ({
  ...toMessage({
    id,
    type: 'aeroalpes.test.Happened.v1',
    source: '/test',
    time: publishTime.toISOString(),
    subject: key,
    correlationId: `correlation of ${id}`,
    data,
  }),
  id: `broker ${id}`,
  topic: 'persistent://aeroalpes/commands/test',
  partition: 0,
  publishTime,
  redeliveryCount: 0,
})

/** Where the test's work writes what has happened: one row an effect, numbered in order. */
export const createEffects = async (database: Database): Promise<void> => {
  await database.query(
    'CREATE TABLE effect (place bigserial PRIMARY KEY, key text NOT NULL, id text NOT NULL)',
  )
  await database.query('CREATE TABLE target (key text PRIMARY KEY)')
}

export const effects = (database: Database): Promise<{ key: string; id: string }[]> =>
  database.query<{ key: string; id: string }>('SELECT key, id FROM effect ORDER BY place')

export const applyEffects = async (
  transaction: Transaction,
  deliveries: readonly Delivery[],
): Promise<void> => {
  await transaction.query(
    `INSERT INTO effect (key, id)
     SELECT key, id FROM json_to_recordset($1::json) AS g(place int, key text, id text)
     ORDER BY place`,
    [deliveries.map(({ key, id }, place) => ({ place, key, id }))],
  )
}

/** Work that locks the rows of table `target` and writes effects, as the unit of work does. */
export const lockingWork = (before?: (deliveries: readonly Delivery[]) => void): Work => ({
  async handle(transaction, deliveries, { wait }) {
    before?.(deliveries)
    const keys = [...new Set(deliveries.map(({ key }) => key))]
    const locked = await transaction.query<{ key: string }>(
      `SELECT key FROM target WHERE key = ANY ($1::text[]) ORDER BY key
       FOR UPDATE ${wait ? '' : 'SKIP LOCKED'}`,
      [keys],
    )
    const free = new Set(locked.map(({ key }) => key))
    const all = await transaction.query<{ key: string }>(
      'SELECT key FROM target WHERE key = ANY ($1::text[])',
      [keys],
    )
    const taken = new Set(all.map(({ key }) => key).filter((key) => !free.has(key)))
    await applyEffects(
      transaction,
      deliveries.filter(({ key }) => !taken.has(key)),
    )
    return { deferred: deliveries.filter(({ key }) => taken.has(key)) }
  },
})
