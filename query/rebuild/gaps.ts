import type { Queryable } from '../../shared/postgres/database.ts'
import { type Projection, tableName } from '../projection/projections.ts'
import type { StreamEvent, View } from '../projection/view.ts'
import { liveTable } from './names.ts'

/** An aggregate of which the topics have an event that follows on nothing: not on its row, if it has one. */
export interface Gap {
  readonly table: string
  readonly id: string
  readonly version: number
  /** Of the aggregate after the event. */
  readonly event: number
}

export interface Gaps {
  note(early: readonly StreamEvent[]): void
  /** True when any was noted since the last time. */
  forget(): boolean
  /** Those that the live rows have not got over. */
  left(on: Queryable): Promise<readonly Gap[]>
}

/** Remembers which events were too early, until their rows may have come further. */
export function gapsOf({ streams }: Projection): Gaps {
  const noted = new Map<View, Map<string, number>>()
  const headOf = new Map(
    streams.flatMap(({ contracts, head }) =>
      Object.values(contracts).map(({ type }) => [type, head as View] as const),
    ),
  )
  return {
    note(early) {
      for (const { type, subject, sequence } of early) {
        const head = headOf.get(type)
        if (!head) continue
        const ofHead = noted.get(head) ?? new Map<string, number>()
        noted.set(head, ofHead)
        if (sequence < (ofHead.get(subject) ?? Infinity)) ofHead.set(subject, sequence)
      }
    },
    forget() {
      const any = noted.size > 0
      noted.clear()
      return any
    },
    async left(on) {
      const found = []
      for (const [head, events] of noted) found.push(...(await notReached(on, head, events)))
      return found
    },
  }
}

const notReached = async (on: Queryable, head: View, events: ReadonlyMap<string, number>) => {
  const rows = await on.query<Omit<Gap, 'table'>>(
    `SELECT w.id, coalesce(l.version, 0) AS version, w.event
     FROM unnest($1::text[], $2::integer[]) AS w(id, event)
     LEFT JOIN ${liveTable(head)} l ON l.id = w.id::uuid
     WHERE coalesce(l.version, 0) < w.event ORDER BY 1`,
    [[...events.keys()], [...events.values()]],
  )
  return rows.map((row) => ({ table: tableName(head), ...row }))
}
