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
  readonly #accept: (item: Item) => void
  #outside: Item[] = []
  #nextOutside = 0
  #closed = false
  #messages = 0
  #bytes = 0

  constructor(limits: IntakeLimits, accept: (item: Item) => void) {
    this.#limits = limits
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
    while (!this.#closed && this.waiting > 0 && this.#hasRoom()) this.#admitNext()
  }

  /** Rejects what waits for room; what is released from now on lets nobody in. */
  close(reason: PulsarError): void {
    this.#closed = true
    const waiting = this.#outside.slice(this.#nextOutside)
    this.#outside = []
    this.#nextOutside = 0
    for (const item of waiting) item.reject(reason)
  }

  #admitNext(): void {
    const next = this.#outside[this.#nextOutside++]
    if (this.#nextOutside === 1_024) {
      this.#outside = this.#outside.slice(this.#nextOutside)
      this.#nextOutside = 0
    }
    if (next) this.#admit(next)
  }

  #admit(item: Item): void {
    this.#messages++
    this.#bytes += item.message.data.length
    this.#accept(item)
  }

  #hasRoom(): boolean {
    const { maxPendingMessages, maxPendingBytes } = this.#limits
    return this.#messages < maxPendingMessages && this.#bytes < maxPendingBytes
  }

  #fullMessage(): string {
    return `${this.#messages} messages of ${this.#bytes} bytes wait for the broker; try again later.`
  }
}
