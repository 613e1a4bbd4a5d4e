import type { Envelope } from '../../shared/messaging/envelope.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import { type RowStore, rowStore } from '../../shared/postgres/row-store.ts'
import { fold, sortBySequence, type Sorted } from './fold.ts'
import { eventReader } from './read-events.ts'
import type { Stream, StreamEvent, View, ViewRow } from './view.ts'

export interface BatchProjector {
  /**
   * Brings every view up to date with the events, whatever order they came in, inside the caller's
   * transaction: one locking read and one upsert a view that changes. Answers which events were
   * applied, and which are behind a gap: these must come again. An error blames its event.
   */
  project(on: Queryable, envelopes: readonly Envelope[]): Promise<Sorted>
}

/**
 * Streams and their rows are always locked in the order given here, ids sorted: no rings of waiters.
 * `schema` says where else than in the views' own schema their tables are.
 */
export function batchProjector(streams: readonly Stream[], schema?: string): BatchProjector {
  const storeOf = (view: View) => rowStore(view.table, { schema }) as unknown as RowStore<ViewRow>
  const reader = eventReader(streams)
  const stores = new Map(
    streams.flatMap(({ head, links }) => [head, ...links]).map((view) => [view, storeOf(view)]),
  )
  const store = (view: View) => stores.get(view) ?? storeOf(view)
  return {
    async project(on, envelopes) {
      const batches = Map.groupBy(
        envelopes.map((envelope) => reader.read(envelope)),
        ({ stream }) => stream,
      )
      const due: StreamEvent[] = []
      const early: StreamEvent[] = []
      for (const stream of streams) {
        const events = (batches.get(stream) ?? []).map(({ event }) => event)
        const sorted = await projectStream(on, stream, events, store)
        due.push(...sorted.due)
        early.push(...sorted.early)
      }
      return { due, early }
    },
  }
}

async function projectStream(
  on: Queryable,
  { head, links, prepare }: Stream,
  events: readonly StreamEvent[],
  store: (view: View) => RowStore<ViewRow>,
): Promise<Sorted> {
  if (events.length === 0) return { due: [], early: [] }
  const heads = await lockRows(on, store(head), head, events)
  const { due, early } = sortBySequence(events, (id) => heads.get(id)?.version ?? 0)
  const opened = prepare ? await prepare(due) : due
  await save(on, store(head), fold(head, heads, opened))
  for (const link of links) {
    const rows = await lockRows(on, store(link), link, opened)
    await save(on, store(link), fold(link, rows, opened))
  }
  return { due: opened, early }
}

async function lockRows(
  on: Queryable,
  store: RowStore<ViewRow>,
  view: View,
  events: readonly StreamEvent[],
): Promise<ReadonlyMap<string, ViewRow>> {
  const ids = new Set(events.map((event) => view.rowId(event)).filter((id) => id !== undefined))
  if (ids.size === 0) return new Map()
  const rows = await store.lock(on, [...ids].sort(), 'FOR UPDATE')
  return new Map(rows.map((row) => [row.id, row]))
}

async function save(
  on: Queryable,
  store: RowStore<ViewRow>,
  rows: ReadonlyMap<string, ViewRow | undefined>,
): Promise<void> {
  const kept = [...rows.values()].filter((row) => row !== undefined)
  const gone = [...rows.keys()].filter((id) => rows.get(id) === undefined)
  await store.upsert(
    on,
    kept.sort((a, b) => (a.id < b.id ? -1 : 1)),
  )
  await store.delete(on, gone.sort())
}
