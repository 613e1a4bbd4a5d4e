import { PulsarError } from '../errors.ts'
import type { Message } from './message.ts'

interface Waiter {
  readonly resolve: (message: Message) => void
  readonly reject: (error: PulsarError) => void
}

/** Messages that arrived and nobody took, and who waits for the next. First come, first served. */
export class ReceiveQueue {
  readonly #onTaken: (message: Message) => void
  readonly #waiters = new Set<Waiter>()
  #messages: Message[] = []
  #head = 0
  #ended: PulsarError | undefined

  /** @param onTaken called for every message that leaves the queue for the application */
  constructor(onTaken: (message: Message) => void) {
    this.#onTaken = onTaken
  }

  get waiting(): number {
    return this.#waiters.size
  }

  get length(): number {
    return this.#messages.length - this.#head
  }

  push(message: Message): void {
    if (this.#ended) return
    const waiter = this.#waiters.size > 0 ? this.#waiters.values().next().value : undefined
    if (!waiter) {
      this.#messages.push(message)
      return
    }
    this.#waiters.delete(waiter)
    this.#onTaken(message)
    waiter.resolve(message)
  }

  /** The next message at once, or undefined. */
  take(): Message | undefined {
    const message = this.#messages[this.#head]
    if (!message) return undefined
    this.#head++
    if (this.#head === this.#messages.length || this.#head === 1_024) {
      this.#messages = this.#messages.slice(this.#head)
      this.#head = 0
    }
    this.#onTaken(message)
    return message
  }

  /** The next message. Rejects with `timeout`, or with why the consumer ended. */
  next(timeoutMs?: number): Promise<Message> {
    const message = this.take()
    if (message) return Promise.resolve(message)
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      this.#waiters.add(waiter)
      if (timeoutMs === undefined) return
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        reject(new PulsarError('timeout', `No message within ${timeoutMs} ms.`))
      }, timeoutMs)
      waiter.resolve = (found) => {
        clearTimeout(timer)
        resolve(found)
      }
      waiter.reject = (error) => {
        clearTimeout(timer)
        reject(error)
      }
    })
  }

  /** Drops messages nobody took; returns how many. */
  drop(unwanted: (message: Message) => boolean): number {
    const before = this.length
    this.#messages = this.#messages.slice(this.#head).filter((message) => !unwanted(message))
    this.#head = 0
    return before - this.#messages.length
  }

  end(reason: PulsarError): void {
    this.#ended ??= reason
    this.#messages = []
    this.#head = 0
    for (const waiter of this.#waiters) waiter.reject(this.#ended)
    this.#waiters.clear()
  }
}
