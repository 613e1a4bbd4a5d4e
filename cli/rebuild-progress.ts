import type { Projection } from '../query/projection/projections.ts'
import { countEvents, logModules } from '../query/rebuild/event-log.ts'
import type { Scan } from '../query/rebuild/scan.ts'
import type { Queryable } from '../shared/postgres/database.ts'

const everyMs = 1000

/** Says once a second how far the reading of events is, of how many if that is known, and how fast it goes. */
export function rebuildProgress(
  projection: Projection,
  say: (line: string) => void,
  countAll?: () => Promise<number>,
  now: () => number = () => performance.now(),
): Scan['onPage'] {
  let total: Promise<string> | undefined
  let last: { readonly at: number; readonly events: number } | undefined
  return async ({ events }) => {
    total ??= (countAll?.() ?? Promise.resolve(undefined)).then(ofAll)
    last ??= { at: now(), events }
    const seconds = (now() - last.at) / 1000
    if (seconds * 1000 < everyMs) return
    const rate = Math.round((events - last.events) / seconds)
    say(`${projection.name}: ${events}${await total} events, ${rate} a second`)
    last = { at: now(), events }
  }
}

const ofAll = (total: number | undefined) => (total === undefined ? '' : ` of ${total}`)

/** How many events the log has of a projection. */
export const totalOf = async (log: Queryable, { streams }: Projection) => {
  const [events, modules] = await Promise.all([countEvents(log), logModules(log, streams)])
  return modules.reduce((sum, { module }) => sum + (events.get(module) ?? 0), 0)
}
