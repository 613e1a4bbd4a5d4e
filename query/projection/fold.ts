import { blame } from '../../shared/delivery/failures.ts'
import type { StreamEvent, View, ViewRow } from './view.ts'

export interface Sorted {
  /** Next in line, in the order in which they are to be applied. */
  readonly due: readonly StreamEvent[]
  /** Behind a gap: an earlier event of the same aggregate has not come yet. */
  readonly early: readonly StreamEvent[]
}

/**
 * Sorts the events of one stream by what their aggregates' rows have seen: one that the row has seen
 * drops out, the next is due, one behind a gap is early. The order in which they came does not matter.
 */
export function sortBySequence(
  events: readonly StreamEvent[],
  versionOf: (subject: string) => number,
): Sorted {
  const versions = new Map<string, number>()
  const due: StreamEvent[] = []
  const early: StreamEvent[] = []
  for (const event of events.toSorted((a, b) => a.sequence - b.sequence)) {
    const version = versions.get(event.subject) ?? versionOf(event.subject)
    if (event.sequence <= version) continue
    if (event.sequence > version + 1) {
      early.push(event)
      continue
    }
    versions.set(event.subject, event.sequence)
    due.push(event)
  }
  return { due, early }
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
