import type { PgTable } from 'drizzle-orm/pg-core'
import type { DataOf, EventContract } from '../../shared/contracts/contract.ts'
import type { Queryable } from '../../shared/postgres/database.ts'

/** An integration event as a view gets to see it: read, checked, and by its contract's short name. */
export interface StreamEvent<Name extends string = string, Data extends object = object> {
  readonly id: string
  readonly module: string
  /** `ce_type` of the version that `data` have, which is the current one. */
  readonly type: string
  readonly name: Name
  readonly data: Data
  /** Id of the aggregate that it happened to. */
  readonly subject: string
  /** Version of the aggregate after it; the first event of each has 1, and there are no gaps. */
  readonly sequence: number
  readonly time: Date
  readonly correlationId: string
  /** The command that caused it, where that is known. */
  readonly causationId: string | null
}

/** The union of a module's events. */
export type EventsOf<Contracts extends Readonly<Record<string, EventContract>>> = {
  [Name in keyof Contracts & string]: StreamEvent<Name, DataOf<Contracts[Name]> & object>
}[keyof Contracts & string]

export interface ViewRow {
  readonly id: string
  /** Sequence of the last event in it. */
  readonly version: number
  /** Revision of the view that wrote it. */
  readonly revision: number
}

type Projected<Row extends ViewRow> = Omit<Row, 'version' | 'revision'>

/**
 * One table for one question. `project` is pure; the projector sets `version` and `revision`, and
 * decides which events a view gets to see, and when.
 */
export interface View<
  Row extends ViewRow = ViewRow,
  Event extends StreamEvent = StreamEvent,
  Result extends Projected<Row> | undefined = Projected<Row> | undefined,
> {
  readonly name: string
  /** Raised with every change that makes the same events give other rows. Part of the ETag. */
  readonly revision: number
  readonly table: PgTable
  /** Which row an event changes; `undefined` when it changes none of this view. */
  rowId(event: Event): string | undefined
  /** The row after the event; `undefined` deletes it. */
  project(row: Row | undefined, event: Event): Result
}

/**
 * Where the views of one module come from. `head` has one row per aggregate and never deletes it:
 * its version says which events were seen, which is next, and which came too early. `links` are
 * further views of the same events; they change together with the head, or not at all.
 */
export interface Stream<Event extends StreamEvent = StreamEvent> {
  readonly module: string
  readonly contracts: Readonly<Record<string, EventContract>>
  readonly head: View<ViewRow, Event, Projected<ViewRow>>
  readonly links: readonly View<ViewRow, Event>[]
  /** Opens what travels sealed, for a whole batch at once. Runs before any event is projected. */
  prepare?(events: readonly StreamEvent[]): Promise<readonly StreamEvent[]>
  /** Brings along what is made of the views themselves, after a rebuild has replaced them. */
  rebuilt?(read: Queryable): Promise<void>
}
