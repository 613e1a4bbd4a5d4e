import type { MessageId } from '../message-id.ts'
import type { Body } from '../wire/commands.ts'
import { DeadLetters } from './dead-letters.ts'
import { tell } from './listen.ts'
import type { Delivered, Message } from './message.ts'
import { entryKey, Redelivery } from './redelivery.ts'
import type { ConsumerSettings } from './settings.ts'

export interface RedeliveriesContext {
  readonly settings: ConsumerSettings
  readonly consumerId: number
  /** Publishes a dead letter and acknowledges the message; undefined without a policy for them. */
  readonly bury: ((message: Message) => Promise<void>) | undefined
  /** Whether it came on the connection of now: what came earlier comes again without a word. */
  readonly isCurrent: (message: Delivered) => boolean
  readonly ask: (body: Body<'redeliverUnacknowledged'>) => void
  /** Drops messages that nobody took yet: they come again. */
  readonly dropQueued: (unwanted: (message: Message) => boolean) => void
}

/** What of one topic has to come again: refused, not acknowledged in time, or given up. */
export class Redeliveries {
  readonly #context: RedeliveriesContext
  readonly #refused = new Redelivery((ids) => this.#askAgain(ids))
  readonly #unacknowledged: Redelivery | undefined
  readonly #deadLetters: DeadLetters | undefined
  #epoch = 0

  constructor(context: RedeliveriesContext) {
    this.#context = context
    const { settings, bury } = context
    if (settings.ackTimeoutMs) this.#unacknowledged = new Redelivery((ids) => this.#askAgain(ids))
    const { deadLetterPolicy: policy } = settings
    if (!policy || !bury) return
    this.#deadLetters = new DeadLetters({
      maxRedeliverCount: policy.maxRedeliverCount,
      bury,
      onFailure: (error, message) => {
        tell(() => policy.onFailure?.(error, message))
        this.refuse(message)
      },
    })
  }

  /** Counts how often all was asked for again: what the broker sent before that is outdated. */
  get epoch(): number {
    return this.#epoch
  }

  /** What of an entry's messages the application may have. */
  admit(messages: readonly Message[]): readonly Message[] {
    return this.#deadLetters ? this.#deadLetters.admit(messages) : messages
  }

  taken({ id, origin }: Message): void {
    const { ackTimeoutMs } = this.#context.settings
    if (!this.#unacknowledged || !ackTimeoutMs) return
    for (const one of origin.chunkIds ?? [id]) this.#unacknowledged.add(one, ackTimeoutMs)
  }

  refuse(message: Delivered): void {
    if (!this.#context.isCurrent(message)) return
    const { id, origin } = message
    const afterMs = this.#context.settings.redeliverAfterMs(origin.redeliveryCount)
    for (const one of origin.chunkIds ?? [id]) {
      this.#unacknowledged?.remove(one)
      this.#refused.add(one, afterMs)
    }
  }

  /** Nothing of the entry is left to acknowledge. */
  settled(id: MessageId): void {
    this.#refused.remove(id)
    this.#unacknowledged?.remove(id)
    this.#deadLetters?.settled(id)
  }

  /** As `settled`, of the entry and all before it. */
  settledUpTo(entry: { readonly ledgerId: number; readonly entryId: number }): void {
    this.#refused.removeUpTo(entry)
    this.#unacknowledged?.removeUpTo(entry)
  }

  clear(): void {
    this.#refused.clear()
    this.#unacknowledged?.clear()
    this.#deadLetters?.clear()
  }

  #askAgain(ids: readonly MessageId[]): void {
    const rest = this.#deadLetters ? this.#deadLetters.divert(ids) : ids
    if (rest.length === 0) return
    const { settings, consumerId, ask, dropQueued } = this.#context
    if (settings.subscriptionType === 'Shared' || settings.subscriptionType === 'KeyShared') {
      const entries = new Set(rest.map(entryKey))
      dropQueued((message) => entries.has(entryKey(message.id)))
      ask({ consumerId, messageIds: rest.map(({ ledgerId, entryId }) => ({ ledgerId, entryId })) })
      return
    }
    // One consumer at a time gets all again from the broker, whatever it asks for.
    this.clear()
    dropQueued(() => true)
    ask({ consumerId, consumerEpoch: ++this.#epoch })
  }
}
