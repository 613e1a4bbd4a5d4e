import type { Projection } from '../query/projection/projections.ts'
import { countEvents, logModules } from '../query/rebuild/event-log.ts'
import type { Scan } from '../query/rebuild/scan.ts'
import type { Queryable } from '../shared/postgres/database.ts'

const everyMs = 1000

/** Says once a second how far the reading of the log is, and how fast it goes. */
export function rebuildProgress(
  projection: Projection,
  say: (line: string) => void,
  log: Queryable,
  now: () => number = () => performance.now(),
): Scan['onPage'] {
  let total: Promise<number> | undefined
  let last: { readonly at: number; readonly events: number } | undefined
  return async ({ events }) => {
    total ??= totalOf(log, projection)
    last ??= { at: now(), events }
    const seconds = (now() - last.at) / 1000
    if (seconds * 1000 < everyMs) return
    const rate = Math.round((events - last.events) / seconds)
    say(`${projection.name}: ${events} of ${await total} events, ${rate} a second`)
    last = { at: now(), events }
  }
}

const totalOf = async (log: Queryable, { streams }: Projection) => {
  const [events, modules] = await Promise.all([countEvents(log), logModules(log, streams)])
  return modules.reduce((sum, { module }) => sum + (events.get(module) ?? 0), 0)
}
