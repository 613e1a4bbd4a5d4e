import { contractReader, readData } from '../shared/contracts/upcasting.ts'
import { TimerFired } from '../shared/contracts/timers.ts'
import type { Delivery } from '../shared/delivery/work.ts'
import { Poison } from '../shared/kernel/fates.ts'
import { blaming } from './blaming.ts'
import type { AnySaga, SagaEvent } from './saga.ts'

/** An event on its way to the saga of that id. */
export interface Heard {
  readonly id: string
  readonly event: SagaEvent
  readonly delivery: Delivery
}

/** Ids are UUIDs, told apart whatever their case. */
export const sagaIdOf = ({ envelope }: Delivery): string => envelope.subject.toLowerCase()

export interface SagaReader {
  /** Whether a saga listens to messages of this type. */
  listensTo(type: string): boolean
  /**
   * Answers undefined for what is not for this saga. Throws `Poison` naming the message:
   * `unknown-version` for an event of a newer build, `unreadable-event` otherwise.
   */
  read(delivery: Delivery): Heard | undefined
}

/** Reads what a saga listens to. */
export const sagaReader = ({ name, contracts }: AnySaga): SagaReader => {
  const reader = contractReader([...Object.values(contracts), TimerFired])
  const read = (delivery: Delivery): Heard | undefined => {
    const { id, type, data } = delivery.envelope
    const found = reader.find(type)
    if (!found) return undefined
    const parsed = readData(found, data)
    if (!parsed.success)
      throw new Poison('unreadable-event', `event ${id} is no ${type}`, { cause: parsed.error })
    const event = { type: found.contract.name, data: parsed.data } as SagaEvent
    if (isForeign(name, event)) return undefined
    return { id: sagaIdOf(delivery), event, delivery }
  }
  return {
    listensTo: reader.names,
    read: (delivery) => blaming(delivery.envelope.id, () => read(delivery)),
  }
}

const isForeign = (saga: string, { type, data }: SagaEvent) =>
  type === 'TimerFired' && (data as { readonly saga?: string }).saga !== saga
