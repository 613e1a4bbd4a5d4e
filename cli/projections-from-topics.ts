import type { Projection } from '../query/projection/projections.ts'
import { tableName } from '../query/projection/projections.ts'
import { rebuildFromTopics, type RebuiltFromTopics } from '../query/rebuild/rebuild-from-topics.ts'
import { topicsOf } from '../query/rebuild/topic-events.ts'
import { retentionMs } from '../shared/delivery/retention.ts'
import { type Ask, type ChangeOptions, confirmed } from './confirm.ts'
import { Exit } from './exit.ts'
import type { ListingFormat } from './listing-formats.ts'
import { listing } from './listing.ts'
import { onTopics } from './on-topics.ts'
import { named, type ProjectionOperation } from './projections.ts'
import { rebuildProgress } from './rebuild-progress.ts'
import { timeOf } from './time-of.ts'

export interface FromTopicsOptions extends ChangeOptions {
  /** A time, or how long ago. Default: all that the topics keep. */
  readonly since?: string | undefined
  readonly output: ListingFormat
}

/** Rebuilds one projection, or all, each by itself, from the events' topics. Throws `Exit`. */
export async function rebuildProjectionsFromTopics(
  operation: ProjectionOperation & { readonly ask: Ask },
  name: string,
  { output, since: text, ...options }: FromTopicsOptions,
): Promise<void> {
  const since = text === undefined ? undefined : sinceOf(text)
  await onTopics(operation.settings, operation.home, async (sources, all) => {
    const wanted = named(all, name)
    if (options.dryRun) return operation.print(listing(wanted.map(planOf), output))
    const names = wanted.map((projection) => projection.name).join(', ')
    const from = since ? `since ${since.toISOString()}` : 'from their beginning'
    await confirmed(`rebuild ${names} from the topics ${from}`, options, operation.ask)
    const rows = []
    for (const projection of wanted) {
      const started = performance.now()
      const onPage = rebuildProgress(projection, operation.progress)
      const rebuilt = await rebuildFromTopics(projection, { ...sources, since, onPage })
      tell(operation, projection, rebuilt)
      const seconds = Math.round(performance.now() - started) / 1000
      const { events, corrected, behind, kept } = rebuilt
      rows.push({ projection: projection.name, events, seconds, corrected, behind, kept })
    }
    operation.print(listing(rows, output))
  })
}

function sinceOf(text: string): Date {
  const since = timeOf(text, 'before')
  if (since.getTime() > Date.now()) throw new Exit('usage', `${text} has not come yet`)
  if (since.getTime() >= Date.now() - retentionMs) return since
  const days = retentionMs / 86_400_000
  throw new Exit(
    'refused',
    `topics keep events for ${days} days, and ${text} is longer ago: without --since all that they still have is read`,
  )
}

const planOf = (projection: Projection) => ({
  projection: projection.name,
  tables: projection.views.map(tableName).join(', '),
  topics: topicsOf(projection).join(', '),
})

const most = 20

function tell(
  { progress }: ProjectionOperation,
  { name }: Projection,
  { events, blocked, gaps }: RebuiltFromTopics,
): void {
  if (events === 0) progress(`${name}: the topics have no events of it: it stays as it is`)
  for (const { event, reason } of blocked.slice(0, most))
    progress(`${name}: no view can take event ${event}, its row stays as it is: ${reason}`)
  for (const { table, id, version, event } of gaps.slice(0, most))
    progress(
      `${name}: ${table} ${id} ${version === 0 ? 'has no row' : `stays at version ${version}`}: the topics have it from ${event} on`,
    )
  const more =
    blocked.length + gaps.length - Math.min(blocked.length, most) - Math.min(gaps.length, most)
  if (more > 0) progress(`${name}: and ${more} more`)
}
