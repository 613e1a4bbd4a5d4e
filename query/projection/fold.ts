import { blame } from '../../shared/delivery/failures.ts'
import type { StreamEvent, View, ViewRow } from './view.ts'

export interface Sorted {
  /** Next in line, in the order in which they are to be applied. */
  readonly due: readonly StreamEvent[]
  /** All of an aggregate with a gap: an earlier event than one of these has not come yet. */
  readonly early: readonly StreamEvent[]
}

/**
 * Sorts the events of one stream by what their aggregates' rows have seen: what a row has seen drops
 * out, what follows is due, whatever order it came in. Where one is missing nothing of that aggregate
 * is due, not even what comes before the gap: nothing must overtake a message that waits.
 */
export function sortBySequence(
  events: readonly StreamEvent[],
  versionOf: (subject: string) => number,
): Sorted {
  const due: StreamEvent[] = []
  const early: StreamEvent[] = []
  for (const [subject, ofSubject] of Map.groupBy(events, (event) => event.subject)) {
    const unseen = inSequence(ofSubject, versionOf(subject))
    ;(unseen.gap ? early : due).push(...unseen.events)
  }
  return { due, early }
}

function inSequence(events: readonly StreamEvent[], version: number) {
  const unseen = new Map<number, StreamEvent>()
  for (const event of events) if (event.sequence > version) unseen.set(event.sequence, event)
  const sorted = [...unseen.values()].toSorted((a, b) => a.sequence - b.sequence)
  return { events: sorted, gap: sorted.some(({ sequence }, at) => sequence !== version + at + 1) }
}

/** The rows of a view after the events: new and changed ones, and `undefined` for deleted ones. */
export function fold<Row extends ViewRow, Event extends StreamEvent>(
  view: View<Row, Event>,
  before: ReadonlyMap<string, Row>,
  due: readonly Event[],
): Map<string, Row | undefined> {
  const after = new Map<string, Row | undefined>()
  for (const event of due) {
    const id = view.rowId(event)
    if (id === undefined) continue
    const projected = project(view, after.has(id) ? after.get(id) : before.get(id), event)
    after.set(
      id,
      projected && ({ ...projected, version: event.sequence, revision: view.revision } as Row),
    )
  }
  return after
}

function project<Row extends ViewRow, Event extends StreamEvent>(
  view: View<Row, Event>,
  row: Row | undefined,
  event: Event,
) {
  try {
    return view.project(row, event)
  } catch (error) {
    throw blame(error, event.id)
  }
}
