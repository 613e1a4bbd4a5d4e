import { PulsarError } from '../../pulsar/errors.ts'

/**
 * Between a listener, which is called with messages, and who asks for them one by one. A listener
 * that hears a promise waits for it, and so the addon stops fetching when this is full.
 */
export class Inbox<Message> {
  readonly #size: number
  readonly #messages: Message[] = []
  #asked: { resolve(message: Message): void; reject(error: Error): void } | undefined
  #release: (() => void) | undefined
  #closed = false

  constructor(size: number) {
    this.#size = size
  }

  /** For the listener. */
  deliver(message: Message): Promise<void> | undefined {
    if (this.#closed) return undefined
    if (this.#asked) {
      this.#asked.resolve(message)
      this.#asked = undefined
      return undefined
    }
    this.#messages.push(message)
    if (this.#messages.length < this.#size) return undefined
    return new Promise((resolve) => {
      this.#release = resolve
    })
  }

  /** The next message; one who asks at a time. Rejects with `closed`. */
  next(): Promise<Message> {
    const message = this.#messages.shift()
    if (message !== undefined) {
      if (this.#messages.length < this.#size) this.#letIn()
      return Promise.resolve(message)
    }
    if (this.#closed) return Promise.reject(closed())
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject }
    })
  }

  /** What has arrived is of another place in the topic. */
  clear(): void {
    this.#messages.length = 0
    this.#letIn()
  }

  close(): void {
    this.#closed = true
    this.clear()
    this.#asked?.reject(closed())
  }

  #letIn(): void {
    this.#release?.()
    this.#release = undefined
  }
}

const closed = () => new PulsarError('closed', 'The consumer is closed.')
