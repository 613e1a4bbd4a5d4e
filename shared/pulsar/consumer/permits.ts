/** Payload bytes fetched ahead unless said otherwise. */
export const defaultQueueBytes = 64 * 1024 * 1024

interface Limits {
  /** Messages fetched ahead; 0 for none unless somebody waits. */
  readonly messages: number
  /** Their payload, as far as the size of messages to come can be told from that of the last ones. */
  readonly bytes: number
}

/** Until something arrived, a message is taken for so large a part of the bytes. */
const firstGuess = 1 / 16
/** How much of the guess a message leaves as it was. */
const inertia = 7 / 8

/**
 * How many messages the broker may send. It closes the whole connection when it is granted none, so
 * that is never said; and it never splits a batch, so more may come than were granted. It cannot be
 * granted bytes either: as many messages are, as have room if they are like those that came last.
 */
export class Permits {
  readonly #limits: Limits
  readonly #grant: (messages: number) => void
  #granted = 0
  #used = 0
  #bytesEach: number
  #outstanding = false
  #paused = false

  constructor(limits: Limits, grant: (messages: number) => void) {
    this.#limits = limits
    this.#grant = grant
    this.#bytesEach = limits.bytes * firstGuess
  }

  /**
   * A new session: the broker knows of no permits.
   * @param wanted whether somebody waits for a message
   */
  begin(wanted: boolean): void {
    this.#granted = 0
    this.#used = 0
    this.#outstanding = false
    if (wanted) this.wanted()
    this.#grantMore()
  }

  /** Messages came, of so many bytes together. */
  arrived(messages: number, bytes: number): void {
    if (messages <= 0) return
    const each = bytes / messages
    this.#bytesEach = each + (this.#bytesEach - each) * inertia ** messages
    this.#grantMore()
  }

  /** Messages left the queue, or never went in. Granted again by halves of the queue. */
  used(messages: number): void {
    if (messages <= 0) return
    this.#outstanding = false
    this.#used += messages
    this.#grantMore()
  }

  /** Somebody waits for a message that is not there. */
  wanted(): void {
    if (this.#limits.messages > 0 || this.#outstanding || this.#paused) return
    this.#outstanding = true
    this.#grant(1)
  }

  /** Nothing is granted from now on; what was granted before still comes. */
  pause(): void {
    this.#paused = true
  }

  /** @param wanted whether somebody waits for a message */
  resume(wanted: boolean): void {
    this.#paused = false
    if (wanted) this.wanted()
    this.#grantMore()
  }

  #grantMore(): void {
    const { messages, bytes } = this.#limits
    if (messages === 0 || this.#paused) return
    const room = Math.max(Math.min(messages, Math.floor(bytes / this.#bytesEach)), 1)
    const more = this.#used + room - this.#granted
    if (more < 1 || more < room / 2) return
    this.#granted += more
    this.#grant(more)
  }
}
