import type { ReceivedMessage } from '../port.ts'

/** A message as the port has it, and what the client needs to acknowledge it. */
export interface Held<Feed, Raw> {
  message: ReceivedMessage
  readonly feed: Feed
  /** Of the newest session: an older one's acknowledgement would be refused. */
  raw: Raw
  state: 'ready' | 'out' | 'resting'
}

export interface HandOptions {
  readonly receiverQueueSize: number
  readonly holdKeys: boolean
}

/** The messages of one consumer that are not acknowledged: ready, handed out, or resting. */
export class Hand<Feed, Raw> {
  readonly #options: HandOptions
  readonly #all = new Map<string, Held<Feed, Raw>>()
  readonly #keysOut = new Set<string>()
  #ready: Held<Feed, Raw>[] = []

  constructor(options: HandOptions) {
    this.#options = options
  }

  get ready(): number {
    return this.#ready.length
  }

  find(id: string): Held<Feed, Raw> | undefined {
    return this.#all.get(id)
  }

  add(message: ReceivedMessage, feed: Feed, raw: Raw): Held<Feed, Raw> {
    const held: Held<Feed, Raw> = { message, feed, raw, state: 'ready' }
    this.#all.set(message.id, held)
    this.#ready.push(held)
    return held
  }

  /** Hands out what is ready, in order; never more than the receiver queue holds is unacknowledged. */
  take(max: number): readonly ReceivedMessage[] {
    const { receiverQueueSize, holdKeys } = this.#options
    const room = Math.min(max, receiverQueueSize - (this.#all.size - this.#ready.length))
    if (room <= 0) return []
    const taken = holdKeys ? this.#takeFreeKeys(room) : this.#ready.splice(0, room)
    for (const held of taken) held.state = 'out'
    return taken.map(({ message }) => message)
  }

  /** Takes a message out of `ready`, until `wake`. */
  rest(held: Held<Feed, Raw>): void {
    if (held.state === 'ready') this.#ready = this.#ready.filter((one) => one !== held)
    held.state = 'resting'
    this.#keysOut.delete(held.message.key)
  }

  /** Makes what rests ready again; not what was acknowledged or forgotten meanwhile. */
  wake(held: Held<Feed, Raw>): void {
    if (held.state !== 'resting' || this.#all.get(held.message.id) !== held) return
    held.state = 'ready'
    this.#ready.push(held)
  }

  /** Puts a message down for good. */
  remove(held: Held<Feed, Raw>): void {
    if (held.state === 'ready') this.#ready = this.#ready.filter((one) => one !== held)
    if (held.state === 'out') this.#keysOut.delete(held.message.key)
    this.#all.delete(held.message.id)
  }

  /** Forgets what nobody works on: it comes again, here or elsewhere. With `everything`, the rest too. */
  forget(feed: Feed, everything = false): void {
    for (const held of this.#all.values()) {
      if (held.feed !== feed || (held.state === 'out' && !everything)) continue
      if (held.state === 'out') this.#keysOut.delete(held.message.key)
      this.#all.delete(held.message.id)
    }
    this.#ready = this.#ready.filter((one) => one.feed !== feed)
  }

  #takeFreeKeys(room: number): readonly Held<Feed, Raw>[] {
    const taken: Held<Feed, Raw>[] = []
    const rest: Held<Feed, Raw>[] = []
    const seen = new Set(this.#keysOut)
    for (const held of this.#ready) {
      const free = taken.length < room && !seen.has(held.message.key)
      seen.add(held.message.key)
      if (free) {
        taken.push(held)
        this.#keysOut.add(held.message.key)
      } else rest.push(held)
    }
    this.#ready = rest
    return taken
  }
}
