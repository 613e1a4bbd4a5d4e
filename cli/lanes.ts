import { type ListedLane, listLanes } from '../shared/delivery/lane-listing.ts'
import { retryLane } from '../shared/delivery/lane-operations.ts'
import { type ChangeOptions, confirmed } from './confirm.ts'
import { Exit } from './exit.ts'
import type { ListingFormat } from './listing-formats.ts'
import { listing } from './listing.ts'
import { onDatabases, type Place } from './on-database.ts'
import type { StoredChange, StoredOperation } from './timers.ts'

/** Prints the lanes of both databases, the oldest first. */
export async function printLanes(
  { settings, home, print }: StoredOperation,
  filter: { readonly subscription?: string | undefined; readonly limit: number },
  output: ListingFormat,
): Promise<void> {
  await onDatabases(settings, home, async (places) => {
    const found = await Promise.all(
      places.map(async ({ database, on }) =>
        (await listLanes(on, filter)).map((lane) => rowOf(lane, database)),
      ),
    )
    const rows = found.flat().toSorted((a, b) => (a.since < b.since ? -1 : 1))
    print(listing(rows.slice(0, filter.limit), output))
  })
}

const rowOf = (lane: ListedLane, database: string) => ({
  subscription: lane.subscription,
  key: lane.key,
  state: lane.state,
  messages: lane.messages,
  head: lane.headId,
  // The head of one that waits for something in use has no fault.
  reason: lane.slug,
  next_attempt: lane.state === 'closed' ? null : lane.nextAttemptAt.toISOString(),
  since: lane.openedAt.toISOString(),
  database,
})

/** Lets a lane run now instead of later. Throws `Exit`: not found, or refused behind a dead letter. */
export async function retry(
  { settings, home, print, ask }: StoredChange,
  lane: { readonly subscription: string; readonly key: string },
  options: ChangeOptions,
): Promise<void> {
  await onDatabases(settings, home, async (places) => {
    const { on, messages } = await findLane(places, lane)
    const what = `lane ${lane.key} of ${lane.subscription}, with ${messages} in it`
    if (options.dryRun) return print(`would run it now: ${what}`)
    await confirmed(`${what}: run it now`, options, ask)
    // It may have ended, or closed, while a person was asked.
    if ((await retryLane(on, lane)) !== 'done') {
      await findLane(places, lane)
      throw new Exit('refused', `${what}: it was changed meanwhile`)
    }
    print(`runs now: ${what}`)
  })
}

async function findLane(
  places: readonly Place[],
  lane: { readonly subscription: string; readonly key: string },
): Promise<ListedLane & Place> {
  const found = await Promise.all(
    places.map(async (place) =>
      (await listLanes(place.on, lane)).map((each) => ({ ...each, ...place })),
    ),
  )
  const [one] = found.flat()
  if (!one) throw new Exit('notFound', `no lane is open for ${lane.key} at ${lane.subscription}`)
  if (one.state === 'retrying') return one
  const letter = `it is closed behind dead letter ${one.headId}`
  throw new Exit('refused', `${letter}: ./aero dead-letters redrive, edit or discard comes first`)
}
