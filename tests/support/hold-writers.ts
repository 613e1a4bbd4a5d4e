import { newId } from '../../shared/kernel/ids.ts'
import { openDatabase, type Transaction } from '../../shared/postgres/database.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { holdTypes } from './tally.ts'

export interface HoldWriters {
  /** In the order in which their transactions ended, as a relay would bring them. */
  readonly topic: Envelope[]
  stop(): Promise<void>
}

const append = `
  INSERT INTO uow.event (stream_module, stream_id, version, id, type, data, time, correlation_id,
    causation_id, command_id)
  SELECT 'stock-holds', id, version, event_id, type, data, time, 'c', 'c', 'c'
  FROM json_to_recordset($1::json) AS e(id text, version int, event_id uuid, type text, data json,
    time timestamptz)`

/** Holds with events in the log from the start. */
export const seedHolds = async (url: string, holds: number, each: number): Promise<void> => {
  const database = openDatabase(url, { name: 'seed' })
  await database.query(
    'CREATE TABLE IF NOT EXISTS held (id text PRIMARY KEY, version int NOT NULL)',
  )
  for (let n = 0; n < holds; n += 100) {
    const ids = Array.from({ length: Math.min(100, holds - n) }, () => newId())
    await database.query('INSERT INTO held SELECT unnest($1::text[]), $2::int', [ids, each])
    await database.query(append, [
      ids.flatMap((id) => Array.from({ length: each }, (_, at) => rowOf(id, at + 1))),
    ])
  }
  await database.close()
}

/**
 * Writers as unkind as locks allow: several holds in one transaction, transaction ids taken long before
 * the commit, late and rolled back commits, new holds all over the key's range.
 */
export const writeHolds = (url: string, writers = 6): HoldWriters => {
  const database = openDatabase(url, { name: 'writers', max: 2 * writers, lockTimeoutMs: 0 })
  const topic: Envelope[] = []
  const stopping = new AbortController()
  const write = async () => {
    while (!stopping.signal.aborted) {
      const written = await database
        .transaction((tx) => writeSome(tx))
        .catch((error: Error) => {
          if (error.message !== rollback) throw error
          return []
        })
      topic.push(...written)
    }
  }
  const writing = Promise.all(Array.from({ length: writers }, write))
  return {
    topic,
    async stop() {
      stopping.abort()
      await writing
      await database.close()
    },
  }
}

const rollback = 'rolled back on purpose'

async function writeSome(tx: Transaction): Promise<readonly Envelope[]> {
  await tx.query('SELECT pg_current_xact_id()')
  // Anywhere in the range of the key: in front of whoever reads the log, and behind them.
  const born = Math.random().toString(16).slice(2, 10).padEnd(8, '0')
  await tx.query('INSERT INTO held VALUES ($1, 0)', [`${born}${newId().slice(8)}`])
  const held = await tx.query<{ id: string; version: number }>(
    `UPDATE held h SET version = h.version + 2 FROM (
       SELECT id FROM held WHERE version = 0 OR random() < 0.02 ORDER BY id LIMIT 10 FOR UPDATE) c
     WHERE h.id = c.id RETURNING h.id, h.version`,
  )
  const rows = held.flatMap(({ id, version }) => [rowOf(id, version - 1), rowOf(id, version)])
  await tx.query(append, [rows])
  await tx.query('SELECT pg_sleep($1)', [Math.random() * 0.02])
  if (Math.random() < 0.1) throw new Error(rollback)
  return rows.map((row) => ({
    id: row.event_id,
    type: row.type,
    source: '/aeroalpes/inventory',
    time: row.time,
    subject: row.id,
    sequence: row.version,
    correlationId: 'c',
    causationId: 'c',
    data: row.data,
  }))
}

const rowOf = (id: string, version: number) => {
  const data = { order_id: id, items: [] }
  const isFirst = version === 1
  return {
    id,
    version,
    event_id: newId(),
    time: new Date().toISOString(),
    type: holdTypes[isFirst ? 0 : 1],
    data: isFirst ? data : { ...data, returned: false, reason: null },
  }
}
