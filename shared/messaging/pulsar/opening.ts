/**
 * Something that has to be opened before it can be used. What is asked of it meanwhile happens in the
 * order of the calls, once it is open; when it cannot be opened, all who wait hear why, and the next
 * who asks tries again.
 */
export class Opening<Opened> {
  readonly #open: () => Promise<Opened>
  #opened: Opened | undefined
  #waiting: Waiting<Opened>[] | undefined

  constructor(open: () => Promise<Opened>) {
    this.#open = open
  }

  /** What is open now. */
  get current(): Opened | undefined {
    return this.#opened
  }

  /** Whether it is being opened now. */
  get opening(): boolean {
    return this.#waiting !== undefined
  }

  /** Runs `work` at once when it is open, else as soon as it is. */
  use<Result>(work: (opened: Opened) => Promise<Result>): Promise<Result> {
    if (this.#opened !== undefined) return work(this.#opened)
    return new Promise((resolve, reject) => {
      const waiting = { go: (opened: Opened) => resolve(work(opened)), fail: reject }
      if (this.#waiting) this.#waiting.push(waiting)
      else this.#begin(waiting)
    })
  }

  /** The next use opens it anew. */
  forget(): void {
    this.#opened = undefined
  }

  #begin(first: Waiting<Opened>): void {
    this.#waiting = [first]
    this.#open().then(
      (opened) => {
        this.#opened = opened
        this.#settle((waiting) => waiting.go(opened))
      },
      (error: unknown) => this.#settle((waiting) => waiting.fail(error)),
    )
  }

  #settle(tell: (waiting: Waiting<Opened>) => void): void {
    const all = this.#waiting ?? []
    this.#waiting = undefined
    for (const waiting of all) tell(waiting)
  }
}

interface Waiting<Opened> {
  go(opened: Opened): void
  fail(error: unknown): void
}
