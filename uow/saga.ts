import type { CommandContract, DataOf, EventContract } from '../shared/contracts/contract.ts'

/** The integration events that a saga listens to, by name. */
export type SagaContracts = Readonly<Record<string, EventContract>>

/** What a saga reacts to: one of its events, or a timer that it has set. */
export type SagaEvent<Contracts extends SagaContracts = SagaContracts> =
  | {
      readonly [Name in keyof Contracts & string]: {
        readonly type: Name
        readonly data: DataOf<Contracts[Name]>
      }
    }[keyof Contracts & string]
  | { readonly type: 'TimerFired'; readonly data: { readonly name: string } }

/** A command that a saga sends, for the thing that has the saga's own id. */
export interface SagaCommand {
  readonly contract: CommandContract
  readonly data: object
  /** With the attempt, what makes the command's id: the same pair is the same command, sent once. */
  readonly step: string
  readonly attempt: number
}

/** What a saga does about an event. */
export interface Reaction<State extends object = object> {
  readonly state: State
  /** Sent in this order. */
  readonly commands?: readonly SagaCommand[]
  /** Set under names of the saga's own; one of a name that is set already is moved. */
  readonly timers?: readonly { readonly name: string; readonly afterMs: number }[]
  /** Names of timers that are not needed any more. One that has fired already still arrives. */
  readonly cancelled?: readonly string[]
}

/**
 * A process manager as data and a pure function. Its id is the subject of its events, so that one row,
 * locked, sees one event after another; events of several topics come in any order among each other.
 */
export interface Saga<
  State extends object = object,
  Contracts extends SagaContracts = SagaContracts,
> {
  readonly name: string
  readonly contracts: Contracts
  /**
   * Events of the stream that it is about, after which nothing of it begins: what such a one is heard of
   * for the first time then is old.
   */
  readonly endedBy?: readonly EventContract[]
  /** The state is plain JSON; undefined before the first event. Answers undefined for an event that changes nothing. */
  readonly react: (
    state: State | undefined,
    event: SagaEvent<Contracts>,
  ) => Reaction<State> | undefined
  /** For people: what it waits for, and whether it waits for nothing any more. */
  readonly placeOf: (state: State) => { readonly step: string; readonly ended: boolean }
}

/** A saga of which only the process manager needs to know: its states and events are opaque to it. */
export type AnySaga = Omit<Saga, 'react' | 'placeOf'> & {
  readonly react: (state: never, event: never) => Reaction | undefined
  readonly placeOf: (state: never) => ReturnType<Saga['placeOf']>
}

/** Types a saga by its state and events; checks nothing and does nothing. */
export const saga = <State extends object, Contracts extends SagaContracts>(
  definition: Saga<State, Contracts>,
): Saga<State, Contracts> => definition
