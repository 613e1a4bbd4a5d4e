import type { Database, Queryable } from '../../shared/postgres/database.ts'
import type { Applier } from './apply.ts'
import { type LogPlace, logModules, readPage } from './event-log.ts'
import { type Building, saveProgress, start } from './progress.ts'

export interface Scan {
  readonly log: Queryable
  readonly read: Database
  readonly applier: Applier
  readonly pageSize: number
  /** Told after each page that is stored. */
  readonly onPage: (building: Building) => Promise<void> | void
}

/**
 * Reads the log from where the building is to its end, and applies it page by page. Everything that
 * was committed before the scan began is in it; what is committed behind its back is for the catch-up.
 */
export async function scan(building: Building, scanning: Scan): Promise<Building> {
  let now = building
  if (now.scanned) return now
  const modules = await logModules(scanning.log, building.projection.streams)
  // In the order of the log's own key: what comes before the place is done.
  const done = modules.findIndex(({ module }) => module === now.place.module)
  for (const { module } of modules.slice(Math.max(0, done))) {
    const from = module === now.place.module ? now.place : { ...start, module }
    now = await scanModule({ ...now, place: from }, scanning)
  }
  now = { ...now, scanned: true }
  await scanning.read.transaction((tx) => saveProgress(tx, now))
  return now
}

async function scanModule(building: Building, scanning: Scan): Promise<Building> {
  const { log, read, applier, pageSize, onPage } = scanning
  let now = building
  let next = readPage(log, now.place, pageSize)
  for (let page = await next; page.length > 0; page = await next) {
    const last = page.at(-1)
    const place: LogPlace = {
      module: now.place.module,
      stream_id: last?.subject ?? '',
      version: last?.sequence ?? 0,
    }
    // The log is read on while this page is written.
    next = readPage(log, place, pageSize)
    next.catch(() => undefined)
    now = { ...now, place, events: now.events + page.length }
    const done = now
    await applier.apply(
      (work) => read.transaction(work),
      page,
      async (tx) => {
        await tx.query('SET LOCAL synchronous_commit = off')
        await saveProgress(tx, done)
      },
    )
    await onPage(done)
  }
  return now
}
