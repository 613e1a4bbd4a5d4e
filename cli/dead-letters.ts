import {
  type DeadLetter,
  findDeadLetters,
  type ListedDeadLetter,
  listDeadLetters,
  parkedAt,
} from '../shared/delivery/lane-listing.ts'
import { jsonOf, unreadable } from './dead-letter-content.ts'
import { Exit } from './exit.ts'
import type { ListingFormat } from './listing-formats.ts'
import { document, listing } from './listing.ts'
import { onDatabases, type Place } from './on-database.ts'
import { hidden } from './personal.ts'
import type { StoredOperation } from './timers.ts'

/** Prints the dead letters of both databases, the oldest first. */
export async function printDeadLetters(
  { settings, home, print }: StoredOperation,
  filter: { readonly subscription?: string | undefined; readonly limit: number },
  output: ListingFormat,
): Promise<void> {
  await onDatabases(settings, home, async (places) => {
    const found = await Promise.all(
      places.map(async ({ database, on }) =>
        (await listDeadLetters(on, filter)).map((letter) => rowOf({ ...letter, database })),
      ),
    )
    const rows = found.flat().toSorted((a, b) => (a.since < b.since ? -1 : 1))
    print(listing(rows.slice(0, filter.limit), output))
  })
}

const rowOf = (letter: ListedDeadLetter & { readonly database: string }) => ({
  subscription: letter.subscription,
  key: letter.key,
  id: letter.messageId,
  type: letter.properties['ce_type'] ?? null,
  attempts: letter.attempts,
  reason: letter.slug,
  since: letter.deadAt.toISOString(),
  waiting: letter.waiting,
  database: letter.database,
})

/** Which dead letter is meant: several subscriptions may have given one message up. */
export interface Meant {
  readonly id: string
  readonly subscription?: string | undefined
}

/** Prints all of a dead letter; names and addresses that are in clear only if asked for. */
export async function printDeadLetter(
  { settings, home, print }: StoredOperation,
  meant: Meant,
  { output, personal }: { readonly output: ListingFormat; readonly personal: boolean },
): Promise<void> {
  await onDatabases(settings, home, async (places) => {
    const letters = (await findLetters(places, meant)).map((letter) => ({
      ...rowOf(letter),
      error: letter.error,
      readable: unreadable(letter) ?? 'yes',
      redrives: letter.redrives,
      correlation_id: letter.properties['ce_correlationid'] ?? null,
      topic: letter.topic,
      broker_id: letter.brokerId,
      published: letter.publishTime.toISOString(),
      attributes: letter.properties,
      data: dataOf(letter, personal),
    }))
    print(document(letters, output === 'json' ? 'json' : 'yaml'))
  })
}

// What is no JSON may say anything of anybody, too.
const dataOf = (letter: DeadLetter, personal: boolean): unknown => {
  const data = jsonOf(letter)
  if (!personal) return hidden(data)
  return typeof data === 'object' ? data : new TextDecoder().decode(letter.payload)
}

/** A dead letter and where it is. */
export type PlacedLetter = DeadLetter & Place

/** The dead letters of that id. Throws `Exit`: not found, or refused when it is parked, but not given up. */
async function findLetters(
  places: readonly Place[],
  { id, subscription }: Meant,
): Promise<readonly PlacedLetter[]> {
  const found = await Promise.all(
    places.map(async (place) =>
      (await findDeadLetters(place.on, { messageId: id, subscription })).map((letter) => ({
        ...letter,
        ...place,
      })),
    ),
  )
  const letters = found.flat()
  if (letters.length > 0) return letters
  const parked = (await Promise.all(places.map(({ on }) => parkedAt(on, id)))).flat()
  const [lane] = parked.filter((name) => subscription === undefined || name === subscription)
  if (lane === undefined)
    throw new Exit('notFound', `there is no dead letter ${id}${of(subscription)}`)
  throw new Exit('refused', `${id} waits in a lane of ${lane}, and is not given up`)
}

const of = (subscription: string | undefined) => (subscription ? ` of ${subscription}` : '')

/** The one that is meant. Throws `Exit`, also usage where several are. */
export async function findLetter(places: readonly Place[], meant: Meant): Promise<PlacedLetter> {
  const [letter, ...others] = await findLetters(places, meant)
  if (letter && others.length === 0) return letter
  const names = [letter, ...others].map((each) => each?.subscription).join(', ')
  throw new Exit('usage', `${meant.id} is a dead letter of ${names}: say which by --subscription`)
}
