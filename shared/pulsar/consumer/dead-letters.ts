import { asPulsarError, type PulsarError } from '../errors.ts'
import type { MessageId } from '../message-id.ts'
import type { Message } from './message.ts'
import { entryKey } from './redelivery.ts'

export interface DeadLetterOffice {
  readonly maxRedeliverCount: number
  /** Publishes the message as a dead letter and acknowledges it. */
  bury(message: Message): Promise<void>
  /** What could not be buried has to be tried again, later. */
  onFailure(error: PulsarError, message: Message): void
}

/**
 * Messages on their last delivery: when one is asked for again it becomes a dead letter instead. A
 * broker counts by entry, so the messages of a batch share the fate of the one refused.
 */
export class DeadLetters {
  readonly #office: DeadLetterOffice
  readonly #candidates = new Map<string, readonly Message[]>()

  constructor(office: DeadLetterOffice) {
    this.#office = office
  }

  /** What of an entry's messages the application may have. */
  admit(messages: readonly Message[]): readonly Message[] {
    const [first] = messages
    const { maxRedeliverCount } = this.#office
    if (!first || first.origin.redeliveryCount < maxRedeliverCount) return messages
    for (const id of first.origin.chunkIds ?? [first.id])
      this.#candidates.set(entryKey(id), messages)
    if (first.origin.redeliveryCount === maxRedeliverCount) return messages
    this.divert([first.id])
    return []
  }

  /** Buries what is due and returns the rest. */
  divert(ids: readonly MessageId[]): readonly MessageId[] {
    const due = new Set<readonly Message[]>()
    const rest = ids.filter((id) => {
      const candidates = this.#candidates.get(entryKey(id))
      if (!candidates) return true
      due.add(candidates)
      this.settled(id)
      return false
    })
    for (const messages of due) for (const message of messages) void this.#bury(message)
    return rest
  }

  /** The whole entry is acknowledged. */
  settled(id: MessageId): void {
    this.#candidates.delete(entryKey(id))
  }

  clear(): void {
    this.#candidates.clear()
  }

  async #bury(message: Message): Promise<void> {
    try {
      await this.#office.bury(message)
    } catch (thrown) {
      this.#office.onFailure(asPulsarError(thrown), message)
    }
  }
}
