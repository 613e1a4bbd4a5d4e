import type { ReceivedMessage } from '../../messaging/port.ts'

/** The messages that a Shared or Key_Shared consumer was dealt: ready, or handed out and unacknowledged. */
export class Hand {
  #ready: ReceivedMessage[] = []
  readonly #outstanding = new Map<string, ReceivedMessage>()
  readonly #keys = new Map<string, string>()
  readonly #holdKeys: boolean

  constructor(holdKeys: boolean) {
    this.#holdKeys = holdKeys
  }

  get size(): number {
    return this.#ready.length + this.#outstanding.size
  }

  ids(): string[] {
    return [...this.#ready.map(({ id }) => id), ...this.#outstanding.keys()]
  }

  add(messages: readonly ReceivedMessage[]): void {
    this.#ready.push(...messages)
  }

  take(max: number): readonly ReceivedMessage[] {
    const taken: ReceivedMessage[] = []
    const rest: ReceivedMessage[] = []
    for (const message of this.#ready) {
      const held = this.#holdKeys && this.#keys.has(message.key)
      if (taken.length >= max || held) rest.push(message)
      else {
        taken.push(message)
        this.#outstanding.set(message.id, message)
        this.#keys.set(message.key, message.id)
      }
    }
    this.#ready = rest
    return taken
  }

  /** Puts down what is out of `messages`; answers their ids. */
  putDown(messages: readonly ReceivedMessage[]): string[] {
    return messages.flatMap(({ id, key }) => {
      if (!this.#outstanding.delete(id)) return []
      if (this.#keys.get(key) === id) this.#keys.delete(key)
      return [id]
    })
  }

  clear(): void {
    this.#ready = []
    this.#outstanding.clear()
    this.#keys.clear()
  }
}
