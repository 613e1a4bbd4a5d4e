import { PulsarError } from '../errors.ts'
import type { ProducerSettings } from './options.ts'
import type { Item } from './pending-queue.ts'

type IntakeLimits = Pick<
  ProducerSettings,
  'maxPendingMessages' | 'maxPendingBytes' | 'blockIfQueueFull'
>

/** Bounds how many messages and bytes wait for the broker; the rest is refused, or waits outside. */
export class Intake {
  readonly #limits: IntakeLimits
  readonly #isCongested: () => boolean
  readonly #accept: (item: Item) => void
  readonly #onLetIn = new Map<Item, (() => void)[]>()
  #outside: Item[] = []
  #nextOutside = 0
  #closed = false
  #held = false
  #messages = 0
  #bytes = 0

  /** @param isCongested whether the connection has more to send than it can; then there is no room */
  constructor(limits: IntakeLimits, isCongested: () => boolean, accept: (item: Item) => void) {
    this.#limits = limits
    this.#isCongested = isCongested
    this.#accept = accept
  }

  /** How many messages wait for room. */
  get waiting(): number {
    return this.#outside.length - this.#nextOutside
  }

  /** How many messages are accepted and not released, or wait for room. */
  get pending(): number {
    return this.#messages + this.waiting
  }

  /** Accepts the message, holds it until there is room, or rejects it with `queue-full`. */
  offer(item: Item): void {
    if (this.waiting === 0 && this.#hasRoom()) this.#admit(item)
    else if (this.#limits.blockIfQueueFull) this.#outside.push(item)
    else item.reject(new PulsarError('queue-full', this.#fullMessage()))
  }

  /** To be called once for every message accepted, when its fate is known. */
  release({ message }: Item): void {
    this.#messages--
    this.#bytes -= message.data.length
    this.letIn()
  }

  /** Lets in who waits, as far as there is room. To be called when congestion ends. */
  letIn(): void {
    if (this.#held) return
    this.#held = true
    while (!this.#closed && this.waiting > 0 && this.#hasRoom()) this.#admitNext()
    this.#held = false
  }

  /** Lets nobody in before `work` is done: who was accepted earlier must be sent earlier. */
  holdWhile(work: () => void): void {
    const heldBefore = this.#held
    this.#held = true
    work()
    this.#held = heldBefore
    this.letIn()
  }

  /** Resolves when all that wait for room now are in, or refused. */
  async whenLetIn(): Promise<void> {
    const last = this.#outside.at(-1)
    if (!last) return
    const others = this.#onLetIn.get(last) ?? []
    await new Promise<void>((resolve) => this.#onLetIn.set(last, [...others, resolve]))
  }

  /** Rejects what waits for room; what is released from now on lets nobody in. */
  close(reason: PulsarError): void {
    this.#closed = true
    const waiting = this.#outside.slice(this.#nextOutside)
    this.#outside = []
    this.#nextOutside = 0
    for (const item of waiting) item.reject(reason)
    for (const resolve of [...this.#onLetIn.values()].flat()) resolve()
  }

  #admitNext(): void {
    const next = this.#outside[this.#nextOutside++]
    if (this.#nextOutside === 1_024 || this.waiting === 0) {
      this.#outside = this.#outside.slice(this.#nextOutside)
      this.#nextOutside = 0
    }
    if (!next) return
    this.#admit(next)
    for (const resolve of this.#onLetIn.get(next) ?? []) resolve()
    this.#onLetIn.delete(next)
  }

  #admit(item: Item): void {
    this.#messages++
    this.#bytes += item.message.data.length
    this.#accept(item)
  }

  #hasRoom(): boolean {
    const { maxPendingMessages, maxPendingBytes } = this.#limits
    const room = this.#messages < maxPendingMessages && this.#bytes < maxPendingBytes
    return room && !this.#isCongested()
  }

  #fullMessage(): string {
    const slow = this.#isCongested() ? ', and the broker reads more slowly than is sent' : ''
    return `${this.#messages} messages of ${this.#bytes} bytes wait for the broker${slow}; try again later.`
  }
}
