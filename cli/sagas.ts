import { endSagas } from '../uow/saga-end.ts'
import { findSagas, type ListedSaga, listSagas } from '../uow/saga-listing.ts'
import { listTimers } from '../uow/timer-listing.ts'
import { type ChangeOptions, confirmed } from './confirm.ts'
import { Exit } from './exit.ts'
import type { ListingFormat } from './listing-formats.ts'
import { document, listing } from './listing.ts'
import { onWriteDatabase } from './on-database.ts'
import type { StoredOperation, StoredChange } from './timers.ts'

export interface SagaFilter {
  /** Those that have ended, too. */
  readonly ended: boolean
  readonly limit: number
}

/** Prints sagas and what they wait for. */
export async function printSagas(
  { settings, home, print }: StoredOperation,
  filter: SagaFilter,
  output: ListingFormat,
): Promise<void> {
  await onWriteDatabase(settings, home, async (database) => {
    print(listing((await listSagas(database, filter)).map(rowOf), output))
  })
}

const rowOf = ({ started_at, updated_at, ended_at, ...saga }: ListedSaga) => ({
  ...saga,
  started_at: started_at.toISOString(),
  updated_at: updated_at.toISOString(),
  ended_at: ended_at?.toISOString() ?? null,
})

/** Prints how far a thing's saga is, with its state and timers. Throws `Exit` not found. */
export async function printSaga(
  { settings, home, print }: StoredOperation,
  id: string,
  output: ListingFormat,
): Promise<void> {
  const key = id.toLowerCase()
  await onWriteDatabase(settings, home, async (database) => {
    const sagas = await findSagas(database, key)
    if (sagas.length === 0) throw new Exit('notFound', `no saga has begun for ${id}`)
    const timers = (await listTimers(database, { key, limit: 1000 })).map(
      ({ id: timer, state, name, due_at }) => ({
        timer,
        state,
        name,
        due_at: due_at.toISOString(),
      }),
    )
    const shown = sagas.map(({ state, ...saga }) => ({ ...rowOf(saga), state, timers }))
    if (output !== 'table') return print(document(shown, output))
    for (const { state, timers: own, ...saga } of shown) {
      print(listing([saga], output))
      print(document(state, 'yaml'))
      print(listing(own, output))
    }
  })
}

export interface EndOptions extends ChangeOptions {
  readonly reason: string
}

/**
 * Ends a saga whose answer will never come: it was discarded, or whoever would answer is no more. What it
 * has not undone stays as it is. Throws `Exit` not found, or refused when it has ended.
 */
export async function endSaga(
  { settings, home, print, ask }: StoredChange,
  id: string,
  { reason, ...options }: EndOptions,
): Promise<void> {
  const key = id.toLowerCase()
  await onWriteDatabase(settings, home, async (database) => {
    const sagas = await findSagas(database, key)
    if (sagas.length === 0) throw new Exit('notFound', `no saga has begun for ${id}`)
    const running = sagas.find(({ ended_at }) => ended_at === null)
    if (!running) throw new Exit('refused', `the saga of ${id} has ended already`)
    const what = `the saga of ${id}, which waits for ${running.step}`
    const order = 'end it where it is, and undo no more by itself'
    if (options.dryRun) return print(`would ${order}: ${what}`)
    await confirmed(`${what}: ${order}`, options, ask)
    // It may have ended by itself, while a person was asked.
    if (!(await endSagas(database, key, reason)))
      throw new Exit('refused', `the saga of ${id} has ended already`)
    print(`ended: ${what}`)
  })
}
