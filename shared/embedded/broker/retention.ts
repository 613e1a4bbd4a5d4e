import type { Database } from '../../postgres/database.ts'
import { ask } from './statements.ts'

export interface Trimming {
  stop(): Promise<void>
}

const restMs = 60_000
const most = 200

/**
 * Deletes messages that nobody needs any more, in small statements, so that none holds others up.
 * Any number of processes may run it: one at a time does the work.
 */
export const startTrimming = (database: Database): Trimming => {
  let stopped = false
  let running: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const trim = async () => {
    for (let gone = 1; gone > 0 && !stopped;) {
      const [row] = await ask<{ gone: string }>(database, 'SELECT broker.trim($1) AS gone', [most])
      gone = Number(row?.gone ?? 0)
    }
  }
  const schedule = () => {
    if (stopped) return
    timer = setTimeout(() => {
      // What a broker that is away keeps now is trimmed when it is back.
      running = trim()
        .catch(() => undefined)
        .then(schedule)
    }, restMs)
  }
  schedule()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
