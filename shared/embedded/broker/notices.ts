import type { Database } from '../../postgres/database.ts'
import { ask } from './statements.ts'

/** What processes tell each other: how far partitions have got, or that consumers should look around. */
export interface Notices {
  published(heads: ReadonlyMap<number, number>): void
  rebalance(): void
  /** Sends what is left. */
  close(): Promise<void>
}

export interface NoticeReader {
  onHeads(heads: readonly (readonly [number, number])[]): void
  onRebalance(): void
}

export const channel = 'aeroalpes_broker'
const restMs = 5
// NOTIFY takes payloads below 8000 bytes (https://www.postgresql.org/docs/18/sql-notify.html).
const maxPayload = 7900
const lookAround = 'look'

/**
 * At most one NOTIFY each 5 ms, outside of any publishing statement: inside of it a NOTIFY makes
 * commits queue behind one lock of the whole database.
 */
export const noticeSender = (database: Database, sender: string): Notices => {
  const heads = new Map<number, number>()
  let rebalance = false
  let sending: Promise<void> | undefined

  const payload = () => {
    const text = [...heads].map(([id, head]) => `${id}:${head}`).join(',')
    const news = rebalance || text.length > maxPayload ? lookAround : text
    heads.clear()
    rebalance = false
    return `${sender} ${news}`
  }
  const send = async () => {
    while (heads.size > 0 || rebalance) {
      // A notice that is lost costs latency only: the pulse finds out within a second.
      await ask(database, 'SELECT pg_notify($1, $2)', [channel, payload()]).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, restMs))
    }
    sending = undefined
  }
  const wake = () => {
    sending ??= send()
  }

  return {
    published(news) {
      for (const [id, head] of news) heads.set(id, Math.max(head, heads.get(id) ?? 0))
      wake()
    },
    rebalance() {
      rebalance = true
      wake()
    },
    close: async () => sending,
  }
}

/** Reads a notice; those that this process sent itself are no news. */
export const readNotice = (payload: string, self: string, reader: NoticeReader): void => {
  const [sender, news = ''] = payload.split(' ')
  if (sender === self) return
  if (news === lookAround) return reader.onRebalance()
  const heads = news.split(',').map((pair) => {
    const [id, head] = pair.split(':').map(Number)
    return [id ?? 0, head ?? 0] as const
  })
  reader.onHeads(heads)
}
