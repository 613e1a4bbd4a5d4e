import type { PgTable } from 'drizzle-orm/pg-core'
import type { EventContract } from '../shared/contracts/contract.ts'

/** The state of an aggregate: its id, its version (events so far) and whatever it needs to decide. */
export interface AggregateRow {
  readonly id: string
  readonly version: number
}

export interface DomainEvent<Type extends string = string, Data extends object = object> {
  readonly type: Type
  readonly data: Data
}

/** What every aggregate has, however it is kept: a pure function from event to next state. */
interface Evolving<Row extends AggregateRow, Event extends DomainEvent> {
  /** Also the module's name in topics and event types. */
  readonly name: string
  /** Aggregates are locked in ascending rank, everywhere. Unique. */
  readonly rank: number
  /** The state after `event`; `undefined` before the first one. `version` is set by the unit of work. */
  readonly evolve: (row: Row | undefined, event: Event, at: EventPlace) => Omit<Row, 'version'>
}

/** Kept as a row: the state of now, in a table. */
export interface RowAggregate<
  Row extends AggregateRow = AggregateRow,
  Event extends DomainEvent = DomainEvent,
> extends Evolving<Row, Event> {
  readonly table: PgTable
  /** For rows that are locked `share` all the time: whoever waits to change one comes before later sharers. */
  readonly inTurns?: boolean
}

/** Kept as its events alone: the state is what `evolve` makes of them, one after another. */
export interface StreamAggregate<
  Row extends AggregateRow = AggregateRow,
  Event extends DomainEvent = DomainEvent,
> extends Evolving<Row, Event> {
  /** What its events are read back by, earlier versions included. */
  readonly contracts: Readonly<Record<string, EventContract>>
  /** A snapshot is written when so many events have happened since the last one. Default 100. */
  readonly snapshotEvery?: number
  /** Raised with every change of `evolve` or of the state's form: snapshots of before are then ignored. */
  readonly stateVersion: number
  /** Ids are UUIDs, told apart whatever their case, unless they are said to be any `text`. */
  readonly ids?: 'uuid' | 'text'
}

/**
 * How one kind of thing is kept. The unit of work locks, loads, evolves and saves; a handler only
 * decides, and knows no difference between the two ways.
 */
export type Aggregate<
  Row extends AggregateRow = AggregateRow,
  Event extends DomainEvent = DomainEvent,
> = RowAggregate<Row, Event> | StreamAggregate<Row, Event>

export interface EventPlace {
  readonly id: string
  /** When the event happened: of one that is read back, when that was. */
  readonly now: Date
}

/** An aggregate of which only the unit of work needs to know: states and events are opaque to it. */
export type AnyAggregate = (Omit<RowAggregate, 'evolve'> | Omit<StreamAggregate, 'evolve'>) & {
  readonly evolve: (row: never, event: never, at: EventPlace) => object
}

/** Declares an aggregate that is kept as a row; checks nothing and does nothing. */
export const aggregate = <Row extends AggregateRow, Event extends DomainEvent>(
  definition: RowAggregate<Row, Event>,
): RowAggregate<Row, Event> => definition

/** What survives as JSON: a snapshot gives back what was put into it. */
type Json<T> = T extends bigint | symbol | Date | ((...given: never[]) => unknown)
  ? never
  : T extends object
    ? { [Key in keyof T]: Json<T[Key]> }
    : T

type ContractsOf<Event extends DomainEvent> = {
  readonly [Type in Event['type']]: EventContract<Type> & {
    readonly schema: { readonly _output: Extract<Event, { readonly type: Type }>['data'] }
  }
}

/**
 * Declares an aggregate that is kept as its events: each has a contract, and none stays inside. Its
 * state is plain JSON (times as text, money not as bigint). Checks nothing and does nothing.
 */
export const eventSourced = <Row extends AggregateRow, Event extends DomainEvent>(
  definition: StreamAggregate<Row, Event> & {
    readonly contracts: ContractsOf<Event>
    readonly evolve: (
      row: Row | undefined,
      event: Event,
      at: EventPlace,
    ) => Omit<Json<Row>, 'version'>
  },
): StreamAggregate<Row, Event> => definition
