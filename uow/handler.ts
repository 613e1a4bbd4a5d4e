import type { CommandContract } from '../shared/contracts/contract.ts'
import type { Aggregate, AggregateRow, AnyAggregate, DomainEvent } from './aggregate.ts'

/**
 * - `pessimistic`: `SELECT ... FOR UPDATE`; two commands on one row never both see the old state.
 * - `share`: `FOR SHARE`; read, and held still, but not changed.
 * - `optimistic`: read without a lock; the write fails when the version has moved, and the command
 *   is decided again on the new state.
 */
export type LockMode = 'pessimistic' | 'share' | 'optimistic'

export interface Lock {
  readonly aggregate: AnyAggregate
  readonly id: string
  readonly mode: LockMode
}

/** A business key that only one owner may have, such as an e-mail address. Taken before deciding. */
export interface Claim {
  /** Which namespace of keys, for example `users.email`. */
  readonly registry: string
  readonly value: string
  readonly owner: string
}

/** The rows that a handler has declared, as this transaction sees them. */
export interface Rows {
  /** `undefined` when there is no such row. Throws `Misuse` slug `row-not-locked` when it was not declared. */
  get<Row extends AggregateRow, Event extends DomainEvent>(
    aggregate: Aggregate<Row, Event>,
    id: string,
  ): Row | undefined
}

export interface Sender {
  /** The subject of their token. */
  readonly id: string
  /** Acts for others, too. */
  readonly agent: boolean
}

export interface DecisionContext {
  readonly now: Date
  /** Who sent the command; absent where callers need no token. */
  readonly sender?: Sender
  /** False when somebody else owns the key that the handler claimed under this registry. */
  granted(registry: string): boolean
}

/** An event that happened to one aggregate. */
export interface Happened {
  readonly aggregate: AnyAggregate
  readonly id: string
  readonly event: DomainEvent
}

/** A business rule said no. Data, not an exception: it costs no rollback. */
export interface Rejection {
  readonly rejected: { readonly slug: string; readonly detail: string }
}

export type Decision = readonly Happened[] | Rejection

/**
 * One use case: which command, which rows it locks, what it decides. It never opens a transaction,
 * reads a clock, makes an id or publishes. The first lock is the command's target: `If-Match` is
 * compared with its version, and the receipt tells its version.
 */
export interface CommandHandler<Command = never> {
  readonly contract: CommandContract
  readonly locks: (command: Command) => readonly Lock[]
  /** A second stage, computed from the rows of the first; only of higher rank than every lock of the first. */
  readonly alsoLocks?: (command: Command, rows: Rows) => readonly Lock[]
  readonly claims?: (command: Command) => readonly Claim[]
  readonly decide: (command: Command, rows: Rows, context: DecisionContext) => Decision
}

/** Types a handler by its application command. */
export const handler = <Command>(definition: CommandHandler<Command>): CommandHandler<Command> =>
  definition

/** A lock on one row; pessimistic unless said otherwise. */
export const lock = <Row extends AggregateRow, Event extends DomainEvent>(
  aggregate: Aggregate<Row, Event>,
  id: string,
  mode: LockMode = 'pessimistic',
): Lock => ({ aggregate, id, mode })

/** Says that `event` happened to the aggregate of that id. */
export const happened = <Row extends AggregateRow, Event extends DomainEvent>(
  aggregate: Aggregate<Row, Event>,
  id: string,
  event: Event,
): Happened => ({ aggregate, id, event })

/** Says no. `slug` is one of the contract's; `detail` tells the sender why and what would help. */
export const rejected = (slug: string, detail: string): Rejection => ({
  rejected: { slug, detail },
})

/**
 * Reacts to a domain event inside the same transaction: further events, on rows that the command's
 * handler has locked. Several handlers may react to one event; they run in the order of the table.
 */
export type DomainEventHandler<Event extends DomainEvent = never> = (
  event: Event,
  place: { readonly id: string; readonly rows: Rows; readonly now: Date },
) => readonly Happened[]

/**
 * What the write side is made of, as tables: the diagram of the system. Wired in command/bootstrap.ts.
 */
export interface WriteModel {
  /** By `ce_type`. */
  readonly handlers: Readonly<Record<string, RegisteredHandler>>
  /** By domain event type. */
  readonly reactions: Readonly<Record<string, readonly DomainEventHandler[]>>
  /**
   * By domain event type: the integration event that others get to see, or `null` for an event that
   * stays inside: it changes its row and reaches the reactions, but has no version and is not logged.
   */
  readonly integration: Readonly<Record<string, IntegrationMapper | null>>
}

/** A handler with its mapper from the integration command on the wire to its application command. */
export interface RegisteredHandler {
  readonly handler: CommandHandler
  /** Throws `Poison` when the data cannot be read. */
  readonly mapper: (data: unknown) => unknown
}

/** Maps a domain event, with the row after it, to the integration event on the wire. */
export type IntegrationMapper = (
  event: DomainEvent,
  row: AggregateRow,
) => { readonly type: string; readonly topic: string; readonly data: object }
