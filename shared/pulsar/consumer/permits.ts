/**
 * How many messages the broker may send. It closes the whole connection when it is granted none, so
 * that is never said; and it never splits a batch, so more may come than were granted.
 */
export class Permits {
  readonly #size: number
  readonly #grant: (messages: number) => void
  #used = 0
  #outstanding = false

  /** @param size messages fetched ahead; 0 for none unless somebody waits */
  constructor(size: number, grant: (messages: number) => void) {
    this.#size = size
    this.#grant = grant
  }

  /**
   * A new session: the broker knows of no permits.
   * @param wanted whether somebody waits for a message
   */
  begin(wanted: boolean): void {
    this.#used = 0
    this.#outstanding = false
    if (this.#size > 0) this.#grant(this.#size)
    else if (wanted) this.wanted()
  }

  /** Messages left the queue, or never went in. Granted again by halves of the queue. */
  used(messages: number): void {
    if (messages <= 0) return
    if (this.#size === 0) {
      this.#outstanding = false
      return
    }
    this.#used += messages
    if (this.#used < this.#size / 2) return
    const granted = this.#used
    this.#used = 0
    this.#grant(granted)
  }

  /** Somebody waits for a message that is not there. */
  wanted(): void {
    if (this.#size > 0 || this.#outstanding) return
    this.#outstanding = true
    this.#grant(1)
  }
}
