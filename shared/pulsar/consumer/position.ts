import { compareMessageIds, earliest, type MessageId } from '../message-id.ts'
import type { Message } from './message.ts'
import type { Start } from './settings.ts'

/** A message, which is delivered too, or a publish time in ms since 1970. */
export type SeekTarget = { readonly id: MessageId } | { readonly timestamp: number }

/**
 * Where a consumer is whose place the broker does not store: what it says whenever it starts again,
 * and what it drops because it has had it.
 */
export class Position {
  #id: MessageId
  #seen: boolean
  /** Set by going to a time, until the first message from there on. */
  #since: number | undefined

  constructor({ id, inclusive }: Start, since?: number) {
    this.#id = id
    this.#seen = !inclusive
    this.#since = since
  }

  /** Where a seek leads to. */
  static of(target: SeekTarget): Position {
    if ('timestamp' in target)
      return new Position({ id: earliest, inclusive: true }, target.timestamp)
    return new Position({ id: target.id, inclusive: target.id.ledgerId < 2 ** 62 })
  }

  get id(): MessageId {
    return this.#id
  }

  /** A place that moves while nobody looks: what is stored between two sessions would be missed. */
  get isLatest(): boolean {
    return this.#id.ledgerId >= 2 ** 62
  }

  /** What `latest` is now. */
  pin(last: MessageId): void {
    this.#id = last
    if (last.entryId < 0) this.#seen = false
  }

  /** The message was handed out. */
  taken(id: MessageId): void {
    this.#id = id
    this.#seen = true
    this.#since = undefined
  }

  isFresh(message: Message): boolean {
    if (this.#since !== undefined && message.getPublishTimestamp() < this.#since) return false
    return this.isBefore(message.id)
  }

  /** Whether a message of that id comes later. */
  isBefore(id: MessageId): boolean {
    const { ledgerId, entryId, batchIndex } = this.#id
    // An id without a batch index means the whole entry, however many messages it holds.
    const whole = batchIndex < 0 ? { ...id, batchIndex } : id
    return (
      compareMessageIds(
        id.ledgerId === ledgerId && id.entryId === entryId ? whole : id,
        this.#id,
      ) >= (this.#seen ? 1 : 0)
    )
  }
}
