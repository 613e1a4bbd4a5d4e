import { projectorWork } from '../../query/projection/projector.work.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { Database } from '../../shared/postgres/database.ts'
import { databaseTrouble } from '../../shared/postgres/errors.ts'
import { deliveryOf } from './recorded-events.ts'
import { talliedStream } from './tally.ts'

/** The projector of tallied holds at work: takes what is in `topic`, until all of it is applied. */
export const projectFrom = (read: Database, topic: readonly Envelope[]) => {
  const work = projectorWork({ streams: [talliedStream] })
  const stopping = new AbortController()
  const run = async () => {
    let taken = 0
    let waiting: readonly Envelope[] = []
    while (!stopping.signal.aborted || taken < topic.length || waiting.length > 0) {
      const batch = [...waiting, ...topic.slice(taken, taken + 100)]
      taken += batch.length - waiting.length
      if (batch.length > 0)
        waiting = await read
          .transaction((tx) => work.handle(tx, batch.map(deliveryOf), { wait: false }))
          .then(
            ({ deferred }) => deferred.map(({ envelope }) => envelope),
            (error: unknown) => {
              if (databaseTrouble(error) !== 'contention') throw error
              return batch
            },
          )
      if (batch.length === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const running = run()
  return {
    async drain() {
      stopping.abort()
      await running
    },
  }
}

/** Reads tallied holds without a rest until told to stop; answers what it should never have seen. */
export const readAllTheTime = (read: Database) => {
  const stopping = new AbortController()
  const wrong: object[] = []
  let reads = 0
  const run = async () => {
    let before = { holds: 0, events: 0 }
    while (!stopping.signal.aborted) {
      const [seen] = await read.query<{ holds: number; events: number; half: number }>(
        `SELECT count(*)::int AS holds, coalesce(sum(h.version), 0)::int AS events,
           count(*) FILTER (WHERE t.events IS DISTINCT FROM h.version)::int AS half
         FROM read.stock_holds h FULL JOIN read.tally t ON t.id = h.id`,
      )
      reads += 1
      if (!seen || seen.half > 0 || seen.holds < before.holds || seen.events < before.events)
        wrong.push({ before, seen })
      before = seen ?? before
    }
  }
  const running = Promise.all([run(), run()])
  return {
    async stop() {
      stopping.abort()
      await running
      return { wrong, reads }
    },
  }
}
