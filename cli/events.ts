import type { Queryable } from '../shared/postgres/database.ts'
import type { WriteLine } from '../shared/runtime/output.ts'
import { allEvents, type EventFilter, findEvent, listEvents } from '../uow/event-listing.ts'
import type { LoggedEvent } from '../uow/event-log.ts'
import { cloudEventOf } from '../uow/event-today.ts'
import { Exit } from './exit.ts'
import type { ListingFormat } from './listing-formats.ts'
import { document, listing } from './listing.ts'
import { onWriteDatabase } from './on-database.ts'
import { timeOf } from './time-of.ts'
import type { StoredOperation } from './timers.ts'

export interface Wanted {
  readonly module?: string | undefined
  readonly type?: string | undefined
  /** `2026-06-28T16:53:08Z`, or so long ago: `10m`. */
  readonly since?: string | undefined
  readonly of?: string | undefined
}

// To look through a log of years takes long; whoever asks can end it.
const patience = { statementTimeoutMs: 3_600_000 }

/** Prints the newest events, in the order of their time; without `of` or `since` those of the last hour. */
export async function printEvents(
  { settings, home, print }: StoredOperation,
  { limit, ...wanted }: Wanted & { readonly limit: number },
  output: ListingFormat,
): Promise<void> {
  const { of, since = of === undefined ? '1h' : undefined } = wanted
  const filter = { ...filterOf({ ...wanted, since }), limit }
  const list = async (on: Queryable) =>
    print(listing((await listEvents(on, filter)).map(rowOf), output))
  await onWriteDatabase(settings, home, list, patience)
}

function rowOf(event: LoggedEvent) {
  const { time, type, id } = cloudEventOf(event)
  const { stream_module, stream_id, version } = event
  const stored = event.type.split('.').at(-1)
  return { time, type, stored, module: stream_module, of: stream_id, version, id }
}

const filterOf = ({ since, ...filter }: Wanted): EventFilter => ({
  ...filter,
  since: since === undefined ? undefined : timeOf(since, 'before'),
})

/** Prints one event. Throws `Exit` not found. */
export async function printEvent(
  { settings, home, print }: StoredOperation,
  id: string,
  output: ListingFormat,
): Promise<void> {
  await onWriteDatabase(settings, home, async (database) => {
    const event = await findEvent(database, id)
    if (!event) throw new Exit('notFound', `the log has no event ${id}`)
    print(document(cloudEventOf(event), output === 'json' ? 'json' : 'yaml'))
  })
}

/** Writes every event, one line of JSON each, for as long as somebody reads them. */
export async function exportEvents(
  { settings, home }: StoredOperation,
  write: WriteLine,
  wanted: Wanted,
): Promise<void> {
  const filter = filterOf(wanted)
  const each = async (on: Queryable) => {
    for await (const page of allEvents(on, filter)) {
      const lines = page.map((event) => JSON.stringify(cloudEventOf(event)))
      if (!(await write(lines.join('\n')))) return
    }
  }
  await onWriteDatabase(settings, home, each, patience)
}
