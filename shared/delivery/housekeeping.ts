import type { Logger } from 'pino'
import type { Queryable } from '../postgres/database.ts'
import { pause } from './pause.ts'
import { retentionMs } from './retention.ts'

const rowsAtOnce = 5000
// A clock may be wrong by this much.
const marginMs = 3_600_000

const tables: Readonly<Record<string, string>> = {
  'delivery.inbox': 'received_at',
  'delivery.attempt': 'last_at',
  'delivery.in_flight': 'marked_at',
}

/**
 * Deletes what no message can ask for any more: marks, attempts and repeats older than `keepMs` and
 * an hour. In small statements, so that it disturbs nobody. Answers the number of rows.
 */
export const purgeDelivery = async (on: Queryable, keepMs = retentionMs): Promise<number> => {
  let purged = 0
  for (const [table, column] of Object.entries(tables)) {
    for (let rows = rowsAtOnce; rows === rowsAtOnce; purged += rows)
      rows = await purgeSome(on, table, column, keepMs + marginMs)
  }
  return purged
}

const purgeSome = async (on: Queryable, table: string, column: string, olderMs: number) => {
  const [row] = await on.query<{ purged: number }>(
    `WITH gone AS (
       DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${table} WHERE ${column} < now() - $1::interval LIMIT ${rowsAtOnce}))
       RETURNING 1
     ) SELECT count(*)::int AS purged FROM gone`,
    [`${olderMs} milliseconds`],
  )
  return row?.purged ?? 0
}

const everyMs = 3_600_000

/** Purges once an hour, at a time of its own so that processes do not do it together, until aborted. */
export const keepHouse = async (
  on: Queryable,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    await pause(everyMs * (0.5 + Math.random() / 2), signal)
    if (signal.aborted) return
    try {
      await purgeDelivery(on)
    } catch (error) {
      logger.warn({ err: error }, 'purging failed and is tried again in an hour')
    }
  }
}
