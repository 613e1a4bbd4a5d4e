import { contractReader, readData } from '../shared/contracts/upcasting.ts'
import { Misuse, Poison } from '../shared/kernel/fates.ts'
import type { DomainEvent, StreamAggregate } from './aggregate.ts'

/** The form in which an event is in the event log. */
interface Recorded {
  readonly type: string
  readonly data: unknown
}

/**
 * Reads back what the event log has of an aggregate, as events of today. Throws `Poison`:
 * `unknown-version` for one that was recorded by a newer build, `unreadable-event` for any other.
 */
export type ReadRecorded = (recorded: Recorded) => DomainEvent

export const recordedReader = ({
  name,
  contracts,
}: Pick<StreamAggregate, 'name' | 'contracts'>): ReadRecorded => {
  const reader = contractReader(Object.values(contracts))
  return ({ type, data }) => {
    const found = reader.find(type)
    if (!found) throw new Poison('unreadable-event', `${type} is no event of ${name}`)
    const read = readData(found, data)
    if (read.success) return { type: found.contract.name, data: read.data as object }
    throw new Poison('unreadable-event', `this is no ${type}`, { cause: read.error })
  }
}

/**
 * An event as it will be read back. What is decided next, and what is decided after the next load, is
 * then decided on the same state. Throws `Misuse` slug `event-not-readable` before it is recorded.
 */
export const asReadBack = (read: ReadRecorded, { type, data }: Recorded): DomainEvent => {
  try {
    return read({ type, data: JSON.parse(JSON.stringify(data)) })
  } catch (cause) {
    throw new Misuse('event-not-readable', `${type} would be recorded, and never read again`, {
      cause,
    })
  }
}
