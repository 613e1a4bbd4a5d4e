/** Sends what was gathered after the linger time; with none, at the end of the event-loop turn. */
export class Linger {
  readonly #ms: number
  readonly #send: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #waiting = false
  #hurrying = 0

  constructor(ms: number, send: () => void) {
    this.#ms = ms
    this.#send = send
  }

  begin(): void {
    if (this.#waiting) return
    this.#waiting = true
    if (this.#ms > 0 && this.#hurrying === 0) this.#timer = setTimeout(this.#send, this.#ms)
    else setImmediate(this.#send)
  }

  /** Sends what was gathered, and what is gathered until `done` without delay. */
  async hurryUntil(done: Promise<void>): Promise<void> {
    this.#hurrying++
    this.#send()
    await done
    this.#hurrying--
    this.#send()
  }

  end(): void {
    this.#waiting = false
    clearTimeout(this.#timer)
  }
}

/** Looks after what is due, as long as anything is. */
export class DueTimer {
  readonly #nextDeadline: () => number
  readonly #onDue: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param nextDeadline by `performance.now()`; Infinity when nothing is due */
  constructor(nextDeadline: () => number, onDue: () => void) {
    this.#nextDeadline = nextDeadline
    this.#onDue = onDue
  }

  arm(): void {
    if (this.#timer) return
    const deadline = this.#nextDeadline()
    if (deadline === Infinity) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#onDue()
        this.arm()
      },
      Math.max(deadline - performance.now(), 0),
    )
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
