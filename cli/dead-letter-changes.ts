import { subscriptions } from '../shared/contracts/topology.ts'
import { discardDeadLetter, type Outcome, redriveLane } from '../shared/delivery/lane-operations.ts'
import { type ChangeOptions, confirmed } from './confirm.ts'
import { unreadable } from './dead-letter-content.ts'
import { findLetter, type Meant, type PlacedLetter } from './dead-letters.ts'
import { Exit } from './exit.ts'
import { onDatabases } from './on-database.ts'
import type { StoredChange } from './timers.ts'

/**
 * Lets a dead letter run again, and then what waits behind it. Throws `Exit`: not found, or refused: it is
 * not given up any more, or, unless forced, it would be in vain or may do its work twice.
 */
export const redrive = (
  change: StoredChange,
  meant: Meant,
  { force, ...options }: ChangeOptions & { readonly force?: boolean | undefined },
): Promise<void> =>
  changeLetter(change, meant, options, (letter) => {
    const doubt = force ? undefined : doubtOf(letter)
    if (doubt)
      throw new Exit('refused', `${wordsOf(letter)}: ${doubt}; --force redrives it all the same`)
    return {
      order: `run it again, and ${behind(letter)} after it`,
      done: 'runs again, as soon as its consumer looks',
      make: () => redriveLane(letter.on, letter, letter.messageId),
    }
  })

function doubtOf(letter: PlacedLetter): string | undefined {
  const why = unreadable(letter)
  if (why) return `it cannot be read here (${why}), so edit it first, or update who reads it`
  if (letter.slug !== 'message-expired') return undefined
  return `it is older than repeats are remembered for (${letter.error}), so it may have taken effect before`
}

/** Gives a dead letter up for good; what waits behind it runs. Throws `Exit` not found or refused. */
export const discard = (
  change: StoredChange,
  meant: Meant,
  { reason, ...options }: ChangeOptions & { readonly reason?: string | undefined },
): Promise<void> =>
  changeLetter(change, meant, options, (letter) => {
    change.print(consequence(letter))
    return {
      order: `discard it for good, and run ${behind(letter)}`,
      done: 'discarded',
      make: () => discardDeadLetter(letter.on, letter, reason),
    }
  })

/** What nobody will do, then. */
function consequence({ subscription, key }: PlacedLetter): string {
  const { projector, worker, notifier, searchIndexer } = subscriptions
  if (subscription === projector)
    return `The views of ${key} lack this event: later ones of it wait, until ./aero projections rebuild.`
  if (subscription === worker)
    return `The command never takes effect: its receipt stays failed, and a saga that waits for it waits on (./aero sagas show, end).`
  if (subscription === notifier) return 'The mail that it leads to is never written.'
  if (subscription === searchIndexer)
    return 'The product is not found as it is now, until it changes again.'
  return `What ${subscription} does about it is never done: an order that waits for it waits on (./aero sagas show, end).`
}

export interface Making {
  readonly order: string
  readonly done: string
  readonly make: () => Promise<Outcome>
}

/** Finds, says, asks and does. Throws `Exit`, also when somebody else was quicker. */
export async function changeLetter(
  { settings, home, print, ask }: StoredChange,
  meant: Meant,
  options: ChangeOptions,
  making: (letter: PlacedLetter) => Making,
): Promise<void> {
  await onDatabases(settings, home, async (places) => {
    const letter = await findLetter(places, meant)
    const what = wordsOf(letter)
    const { order, done, make } = making(letter)
    if (options.dryRun) return print(`would ${order}: ${what}`)
    await confirmed(`${what}: ${order}`, options, ask)
    // Somebody may have been quicker, while a person was asked.
    if ((await make()) !== 'done')
      throw new Exit(
        'refused',
        `${what}: somebody else has changed, redriven or discarded it meanwhile`,
      )
    print(`${done}: ${what}`)
  })
}

export const wordsOf = ({ messageId, subscription, properties, key }: PlacedLetter) =>
  `${properties['ce_type'] ?? 'message'} ${messageId} of ${key} at ${subscription}`

const behind = ({ waiting }: PlacedLetter) =>
  waiting === 1 ? 'the 1 that waits behind it' : `the ${waiting} that wait behind it`
