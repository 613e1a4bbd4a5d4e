import { findProjection, type Projection, projectionsOf } from '../query/projection/projections.ts'
import { overview } from '../query/rebuild/overview.ts'
import { diff, rebuild, type Rebuilt, type Sources } from '../query/rebuild/rebuild.ts'
import { RebuildRefused } from '../query/rebuild/refused.ts'
import { allStreams } from '../query/streams.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { required, type Settings } from '../shared/runtime/settings.ts'
import { userVault } from '../shared/vault/user-keys.ts'
import { type Ask, type ChangeOptions, confirmed } from './confirm.ts'
import { openDatabases, requireDatabases } from './databases.ts'
import { Exit } from './exit.ts'
import type { ListingFormat } from './listing-formats.ts'
import { listing } from './listing.ts'
import { rebuildProgress, totalOf } from './rebuild-progress.ts'
import { explained } from './start-errors.ts'

export interface ProjectionOperation {
  readonly settings: Settings
  readonly home: string
  readonly print: (text: string) => void
  /** One line for whoever waits; not part of the output. */
  readonly progress: (line: string) => void
}

/** Prints how far every projection is. Throws `Exit`. */
export const listProjections = (
  operation: ProjectionOperation,
  output: ListingFormat,
): Promise<void> =>
  onDatabases(operation, async (sources, projections) => {
    const states = await overview(projections, sources)
    operation.print(
      listing(
        states.map((state) => ({ ...state })),
        output,
      ),
    )
  })

/** Rebuilds one projection, or all, each by itself. Throws `Exit`. */
export const rebuildProjections = (
  operation: ProjectionOperation & { readonly ask: Ask },
  name: string,
  { output, ...options }: ChangeOptions & { readonly output: ListingFormat },
): Promise<void> =>
  onDatabases(operation, async (sources, all) => {
    const wanted = named(all, name)
    if (options.dryRun) {
      const states = await overview(wanted, sources)
      const rows = states.map(({ projection, tables, log }) => ({
        projection,
        tables,
        events: log,
      }))
      return operation.print(listing(rows, output))
    }
    const names = wanted.map((projection) => projection.name).join(', ')
    await confirmed(`rebuild ${names} from the event log`, options, operation.ask)
    const rows = []
    for (const projection of wanted) {
      const progress = rebuildProgress(projection, operation.progress, () =>
        totalOf(sources.log, projection),
      )
      const started = performance.now()
      const rebuilt = await rebuild(projection, { ...sources, onPage: progress })
      warn(operation, projection, rebuilt)
      const seconds = Math.round(performance.now() - started) / 1000
      const { events, corrected, behind } = rebuilt
      rows.push({ projection: projection.name, events, seconds, corrected, behind })
    }
    operation.print(listing(rows, output))
  })

/** Prints which rows are not what the event log says. Throws `Exit` failed when there are any. */
export const diffProjections = (
  operation: ProjectionOperation,
  name: string,
  output: ListingFormat,
): Promise<void> =>
  onDatabases(operation, async (sources, all) => {
    const found = []
    let count = 0
    for (const projection of named(all, name)) {
      const progress = rebuildProgress(projection, operation.progress, () =>
        totalOf(sources.log, projection),
      )
      const differences = await diff(projection, { ...sources, onPage: progress })
      count += differences.count
      found.push(...differences.rows)
    }
    const rows = found.map(({ columns, ...row }) => ({ ...row, columns: columns.join(', ') }))
    operation.print(listing(rows, output))
    if (count === 0) return
    const shown = rows.length < count ? `, of which ${rows.length} are named` : ''
    throw new Exit('failed', `${count} rows are not what the event log says${shown}`)
  })

/** Throws `Exit` when there is none of that name. */
export function named(all: readonly Projection[], name: string): readonly Projection[] {
  if (name === 'all') return all
  const found = findProjection(all, name)
  if (found) return [found]
  const names = all.map((projection) => projection.name).join(', ')
  throw new Exit('notFound', `there is no projection ${name}; there are ${names}`)
}

function warn({ progress }: ProjectionOperation, { name }: Projection, rebuilt: Rebuilt): void {
  for (const { event, reason } of rebuilt.blocked)
    progress(`${name}: no view can take event ${event}, its aggregate stays before it: ${reason}`)
  for (const { table, id, live } of rebuilt.unreached)
    progress(`${name}: ${table} ${id} was at version ${live}, which the log does not have`)
}

async function onDatabases(
  { settings, home }: ProjectionOperation,
  work: (sources: Sources, projections: readonly Projection[]) => Promise<void>,
): Promise<void> {
  await requireDatabases(settings)
  const databases = await openDatabases(settings, home)
  const opened = (url: string, name: string): Database =>
    // Indexes and comparisons of large tables take longer than anything that serves requests may.
    openDatabase(url, { name, statementTimeoutMs: 3_600_000 })
  const [log, read] = [opened(databases.write, 'rebuild log'), opened(databases.read, 'rebuild')]
  try {
    const streams = allStreams(userVault(log, required(settings, 'credentialKey')))
    await work({ log, read }, projectionsOf(streams))
  } catch (error) {
    if (error instanceof RebuildRefused) throw new Exit('refused', error.message)
    throw explained(error)
  } finally {
    await Promise.all([log.close(), read.close()])
    await databases.release()
  }
}
