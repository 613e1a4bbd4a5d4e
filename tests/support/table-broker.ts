import type { Broker, Consumer } from '../../shared/messaging/port.ts'
import type { Database } from '../../shared/postgres/database.ts'
import { received } from './delivery-probe.ts'

/** Messages that outlive the process that reads them: a table, from which an acknowledgement deletes. */
export const createQueue = async (
  database: Database,
  messages: readonly { readonly key: string; readonly id: string }[],
): Promise<void> => {
  await database.query(
    'CREATE TABLE IF NOT EXISTS queue (place bigserial PRIMARY KEY, key text, id text)',
  )
  await database.query(
    'INSERT INTO queue (key, id) SELECT key, id FROM json_to_recordset($1::json) AS g(key text, id text)',
    [messages],
  )
}

/** Hands every message out once a process, in order, and says when all are acknowledged. */
export const tableBroker = (
  database: Database,
  emptied: () => void,
): Pick<Broker, 'subscribe'> => ({
  async subscribe() {
    const rows = await database.query<{ key: string; id: string }>(
      'SELECT key, id FROM queue ORDER BY place',
    )
    const waiting = rows.map(({ key, id }) => received(key, id))
    let left = waiting.length
    const consumer: Partial<Consumer> = {
      receive: async (max, signal) =>
        waiting.length > 0
          ? waiting.splice(0, max)
          : new Promise((resolve) => {
              if (signal?.aborted) resolve([])
              signal?.addEventListener('abort', () => resolve([]))
            }),
      async acknowledge(messages) {
        const ids = messages.map(({ properties }) => properties['ce_id'])
        await database.query('DELETE FROM queue WHERE id = ANY ($1::text[])', [ids])
        left -= messages.length
        if (left === 0) emptied()
      },
      async close() {},
    }
    return consumer as Consumer
  },
})
