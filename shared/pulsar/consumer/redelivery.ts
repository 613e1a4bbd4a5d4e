import type { MessageId } from '../message-id.ts'

interface Due {
  readonly id: MessageId
  readonly at: number
}

/** Entries that were refused and have to be asked for again when their time has come. */
export class Redelivery {
  readonly #due = new Map<string, Due>()
  readonly #redeliver: (ids: readonly MessageId[]) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerAt = Infinity

  constructor(redeliver: (ids: readonly MessageId[]) => void) {
    this.#redeliver = redeliver
  }

  add(id: MessageId, afterMs: number): void {
    const at = performance.now() + afterMs
    this.#due.set(`${id.ledgerId}:${id.entryId}`, { id, at })
    if (at < this.#timerAt) this.#arm(at)
  }

  clear(): void {
    this.#due.clear()
    clearTimeout(this.#timer)
    this.#timerAt = Infinity
  }

  #arm(at: number): void {
    clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(() => this.#fire(), Math.max(at - performance.now(), 0))
  }

  #fire(): void {
    const now = performance.now() + 1
    const ready = [...this.#due].filter(([, { at }]) => at <= now)
    for (const [key] of ready) this.#due.delete(key)
    const next = Math.min(...[...this.#due.values()].map(({ at }) => at))
    this.#timerAt = Infinity
    if (next !== Infinity) this.#arm(next)
    if (ready.length > 0) this.#redeliver(ready.map(([, { id }]) => id))
  }
}
