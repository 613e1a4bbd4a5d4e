import { compareMessageIds, earliest, type MessageId } from '../message-id.ts'
import type { Message } from './message.ts'
import type { Start } from './settings.ts'
import type { TopicEnd } from './subscribe.ts'

/** A message, which is delivered too, or a publish time in ms since 1970. */
export type SeekTarget = { readonly id: MessageId } | { readonly timestamp: number }

interface Place {
  readonly id: MessageId
  readonly seen: boolean
}

/**
 * Where a consumer is whose place the broker does not store: what it says whenever it starts again,
 * and what it drops because it has had it.
 */
export class Position {
  #place: Place
  /** What comes up to here is dropped. A consumer has messages again that it asked for again. */
  #floor: Place
  /** A reader asks for nothing again: what it has had it never wants. */
  readonly #strict: boolean
  /** Set by going to a time, until the first message from there on. */
  #since: number | undefined
  /** A session begins from here; before, what comes is still of the place that was left. */
  #begun = false

  constructor({ id, inclusive, strict }: Start, since?: number) {
    this.#place = { id, seen: !inclusive }
    this.#floor = this.#place
    this.#strict = strict
    this.#since = since
  }

  /** The same after a seek. */
  at(target: SeekTarget): Position {
    const strict = this.#strict
    if ('timestamp' in target)
      return new Position({ id: earliest, inclusive: true, strict }, target.timestamp)
    return new Position({ id: target.id, inclusive: !isLatest(target.id), strict })
  }

  get id(): MessageId {
    return this.#place.id
  }

  /** A place that moves while nobody looks: what is stored between two sessions would be missed. */
  get isLatest(): boolean {
    return isLatest(this.#place.id)
  }

  /** What `latest` is now. */
  pin(last: MessageId): void {
    this.#place = { id: last, seen: this.#place.seen && last.entryId >= 0 }
  }

  /**
   * Where the time is that it went to, unless something has come from there. Without it, a consumer whose
   * topic moves would begin with all that is older, drop it, and wait for the end of it in vain.
   */
  found(passed: MessageId | undefined): void {
    if (passed && this.#since !== undefined) this.#place = { id: passed, seen: true }
  }

  /** A session begins from here. */
  begin(): void {
    this.#begun = true
    this.#floor = this.#place
  }

  /** The message was handed out. */
  taken(id: MessageId): void {
    if (!this.#begun) return
    if (isBehind(id, this.#place)) this.#place = { id, seen: true }
    if (this.#strict) this.#floor = this.#place
    this.#since = undefined
  }

  isFresh(message: Message): boolean {
    if (!this.#begun) return true
    if (this.#since !== undefined && message.getPublishTimestamp() < this.#since) return false
    return isBehind(message.id, this.#floor)
  }

  /**
   * Whether a message is still to come. In front of all messages, or of a time, only the broker knows:
   * what was stored there may be deleted, or nothing was stored since.
   */
  isBefore({ last, passed }: TopicEnd): boolean {
    if (last.entryId < 0) return false
    if (this.#place.id.ledgerId >= 0 || !passed) return isBehind(last, this.#place)
    return compareMessageIds(passed, { ...last, batchIndex: passed.batchIndex }) < 0
  }
}

const isLatest = ({ ledgerId }: MessageId): boolean => ledgerId >= 2 ** 62

const isBehind = (id: MessageId, { id: from, seen }: Place): boolean => {
  const sameEntry = id.ledgerId === from.ledgerId && id.entryId === from.entryId
  // An id without a batch index means the whole entry, however many messages it holds.
  const compared = sameEntry && from.batchIndex < 0 ? { ...id, batchIndex: -1 } : id
  return compareMessageIds(compared, from) >= (seen ? 1 : 0)
}
