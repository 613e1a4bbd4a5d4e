import type { CommandContract, DataOf, EventContract } from '../shared/contracts/contract.ts'
import { type Saga, saga, type SagaCommand, type SagaContracts, type SagaEvent } from './saga.ts'

/** A command of the reactor's own module; each of a step is sent once for the life of its id. */
export type Ask = Omit<SagaCommand, 'attempt'>

export interface Wait {
  readonly name: string
  readonly afterMs: number
}

/**
 * One service's part in something that nobody coordinates, as pure functions: what it has learned of one
 * thing from the events of all, and what follows from that. What it has learned never shrinks, so that
 * events of several topics may come in any order and more than once.
 */
export interface ReactorDefinition<Known extends object, Contracts extends SagaContracts> {
  /** Also its subscription. */
  readonly name: string
  readonly contracts: Contracts
  /** As of a saga. */
  readonly endedBy?: readonly EventContract[]
  /** Before the first event. Plain JSON, like all that follows. */
  readonly nothing: Known
  readonly learn: (known: Known, event: SagaEvent<Contracts>) => Known
  /** All that follows from what is known, in the order in which it is sent; `asked` are steps of before. */
  readonly asks: (known: Known, asked: readonly string[]) => readonly Ask[]
  /** The one timer that is set while this is known. Another name is another timer; none ends it. */
  readonly waits?: (known: Known, asked: readonly string[]) => Wait | undefined
}

/** What a reactor remembers of one thing. */
export interface Remembered<Known extends object> {
  readonly known: Known
  readonly asked: readonly string[]
  readonly waiting: string | null
}

/** A reactor in the form in which events, timers and commands are carried for it. */
export const reactor = <Known extends object, Contracts extends SagaContracts>(
  definition: ReactorDefinition<Known, Contracts>,
): Saga<Remembered<Known>, Contracts> =>
  saga({
    name: definition.name,
    contracts: definition.contracts,
    endedBy: definition.endedBy ?? [],
    react(before = { known: definition.nothing, asked: [], waiting: null }, event) {
      const known = definition.learn(before.known, event)
      const asks = definition
        .asks(known, before.asked)
        .filter(({ step }) => !before.asked.includes(step))
      const asked = [...before.asked, ...asks.map(({ step }) => step)]
      const wait = definition.waits?.(known, asked)
      const isOther = (wait?.name ?? null) !== before.waiting
      return {
        state: { known, asked, waiting: wait?.name ?? null },
        commands: asks.map((ask) => ({ ...ask, attempt: 1 })),
        timers: wait && isOther ? [wait] : [],
        cancelled: before.waiting !== null && isOther ? [before.waiting] : [],
      }
    },
    placeOf: ({ asked }) => ({ step: asked.at(-1) ?? 'listening', ended: false }),
  })

/** Types a command's data by its contract. */
export const ask = <Contract extends CommandContract>(
  step: string,
  contract: Contract,
  data: DataOf<Contract> & object,
): Ask => ({ step, contract, data })
