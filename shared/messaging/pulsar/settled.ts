/**
 * Messages whose acknowledgement did not reach the broker: when they come again, they are
 * acknowledged again instead of handed out. Remembers the last `most`, because others may get them.
 */
export class Settled {
  readonly #most: number
  readonly #ids = new Set<string>()

  constructor(most: number) {
    this.#most = most
  }

  add(id: string): void {
    this.#ids.add(id)
    const [oldest] = this.#ids
    if (this.#ids.size > this.#most && oldest !== undefined) this.#ids.delete(oldest)
  }

  /** Whether it is one of them; it is none any more then. */
  take(id: string): boolean {
    return this.#ids.delete(id)
  }

  clear(): void {
    this.#ids.clear()
  }
}
