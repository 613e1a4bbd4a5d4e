import type { PgTable } from 'drizzle-orm/pg-core'

/** A row of an aggregate: its id, its version (events so far) and whatever it needs to decide. */
export interface AggregateRow {
  readonly id: string
  readonly version: number
}

export interface DomainEvent<Type extends string = string, Data extends object = object> {
  readonly type: Type
  readonly data: Data
}

/**
 * How one kind of thing is kept: a table whose row is its state, and a pure function from event to
 * next state. The unit of work locks, loads, evolves and saves; a handler only decides.
 */
export interface Aggregate<
  Row extends AggregateRow = AggregateRow,
  Event extends DomainEvent = DomainEvent,
> {
  /** Also the module's name in topics and event types. */
  readonly name: string
  /** Tables are locked in ascending rank, everywhere. Unique. */
  readonly rank: number
  readonly table: PgTable
  /** The state after `event`; `undefined` before the first one. `version` is set by the unit of work. */
  readonly evolve: (row: Row | undefined, event: Event, at: EventPlace) => Omit<Row, 'version'>
}

export interface EventPlace {
  readonly id: string
  readonly now: Date
}

/** An aggregate of which only the unit of work needs to know: rows and events are opaque to it. */
export type AnyAggregate = Pick<Aggregate, 'name' | 'rank' | 'table'> & {
  readonly evolve: (row: never, event: never, at: EventPlace) => object
}

/** Declares an aggregate; checks nothing and does nothing. */
export const aggregate = <Row extends AggregateRow, Event extends DomainEvent>(
  definition: Aggregate<Row, Event>,
): Aggregate<Row, Event> => definition
