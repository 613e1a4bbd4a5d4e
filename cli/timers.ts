import type { Database } from '../shared/postgres/database.ts'
import { isUuid } from '../shared/kernel/ids.ts'
import type { Settings } from '../shared/runtime/settings.ts'
import { findTimer, type ListedTimer, listTimers, type TimerFilter } from '../uow/timer-listing.ts'
import { cancelTimer, fireTimer, moveTimer } from '../uow/timers.ts'
import { type Ask, type ChangeOptions, confirmed } from './confirm.ts'
import { Exit } from './exit.ts'
import type { ListingFormat } from './listing-formats.ts'
import { listing } from './listing.ts'
import { onWriteDatabase } from './on-database.ts'
import { timeOf } from './time-of.ts'

export interface StoredOperation {
  readonly settings: Settings
  readonly home: string
  readonly print: (text: string) => void
}

export interface StoredChange extends StoredOperation {
  readonly ask: Ask
}

/** Prints timers in the order in which they are due. */
export async function printTimers(
  { settings, home, print }: StoredOperation,
  filter: TimerFilter,
  output: ListingFormat,
): Promise<void> {
  await onWriteDatabase(settings, home, async (database) => {
    print(listing((await listTimers(database, filter)).map(rowOf), output))
  })
}

const rowOf = ({ due_at, ended_at, ...timer }: ListedTimer) => ({
  ...timer,
  due_at: due_at.toISOString(),
  ended_at: ended_at?.toISOString() ?? null,
})

/**
 * Lets a timer fire at another time: `2026-06-28T16:53:08Z`, or `10m` from now. Throws `Exit`: usage for
 * any other text, not found, or refused when the timer is not set any more.
 */
export const move = (change: StoredChange, id: string, to: string, options: ChangeOptions) => {
  const time = timeOf(to, 'after')
  return changeTimer(change, id, options, {
    order: `move it to ${time.toISOString()}`,
    done: `moved to ${time.toISOString()}`,
    make: (database) => moveTimer(database, id, time),
  })
}

/** Lets a timer never fire. Throws as `move` does. */
export const cancel = (change: StoredChange, id: string, options: ChangeOptions) =>
  changeTimer(change, id, options, {
    order: 'cancel it',
    done: 'cancelled',
    make: (database) => cancelTimer(database, id),
  })

/** Lets a timer fire now: its message leaves with the relay. Throws as `move` does. */
export const fire = (change: StoredChange, id: string, options: ChangeOptions) =>
  changeTimer(change, id, options, {
    order: 'fire it now',
    done: 'fired',
    make: (database) => database.transaction((transaction) => fireTimer(transaction, id)),
  })

interface Making {
  readonly order: string
  readonly done: string
  readonly make: (database: Database) => Promise<boolean>
}

async function changeTimer(
  { settings, home, print, ask }: StoredChange,
  id: string,
  options: ChangeOptions,
  { order, done, make }: Making,
): Promise<void> {
  await onWriteDatabase(settings, home, async (database) => {
    const what = wordsOf(await found(database, id))
    if (options.dryRun) return print(`would ${order}: ${what}`)
    await confirmed(`${what}: ${order}`, options, ask)
    // Somebody may have been quicker, while a person was asked.
    if (!(await make(database))) throw refusal(await found(database, id))
    print(`${done}: ${what}`)
  })
}

async function found(database: Database, id: string): Promise<ListedTimer> {
  const timer = isUuid(id) ? await findTimer(database, id) : undefined
  if (!timer) throw new Exit('notFound', `there is no timer ${id}`)
  if (timer.state !== 'set') throw refusal(timer)
  return timer
}

const refusal = ({ id, state }: ListedTimer) =>
  new Exit('refused', `timer ${id} is ${state}: nothing of it can be changed any more`)

const wordsOf = ({ key, name, due_at }: ListedTimer) =>
  `timer ${name} of ${key}, due ${due_at.toISOString()}`
