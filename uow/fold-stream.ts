import { Poison } from '../shared/kernel/fates.ts'
import type { Aggregate, AggregateRow } from './aggregate.ts'
import type { ReadRecorded } from './recorded-event.ts'
import type { Found } from './state-store.ts'

/** A snapshot (no type, no time) or an event, as the database gives it. */
export interface StreamEntry {
  readonly id: string
  readonly version: number
  readonly type: string | null
  readonly data: object
  readonly time: Date | null
}

export interface Folding {
  readonly name: string
  readonly evolve: Aggregate['evolve']
  readonly read: ReadRecorded
}

/**
 * What the entries of one stream, in order of version, add up to. A stream that cannot be folded is
 * `unreadable`, with the reason: it is of no concern to other streams of the batch.
 */
export const foldStream = (
  folding: Folding,
  id: string,
  entries: readonly StreamEntry[],
): Found => {
  let row: AggregateRow | undefined
  let foldedFrom = 0
  try {
    for (const entry of entries) {
      if (entry.type === null) foldedFrom = entry.version
      row = after(folding, row, entry)
    }
    return { id, row, foldedFrom }
  } catch (unreadable) {
    return { id, row: undefined, unreadable }
  }
}

const after = (
  { name, evolve, read }: Folding,
  row: AggregateRow | undefined,
  { id, version, type, data, time }: StreamEntry,
): AggregateRow => {
  if (type === null) return { ...data, id, version }
  if (version !== (row?.version ?? 0) + 1)
    throw brokenStream(name, id, `event ${(row?.version ?? 0) + 1} is missing`)
  return { ...evolve(row, read({ type, data }), { id, now: time ?? new Date(0) }), id, version }
}

/** Somebody has changed what only the unit of work writes. */
export const brokenStream = (name: string, id: string, what: string): Poison =>
  new Poison('broken-stream', `the stream ${id} of ${name} is broken: ${what}`)
