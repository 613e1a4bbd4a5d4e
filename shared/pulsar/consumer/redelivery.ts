import type { MessageId } from '../message-id.ts'

interface Due {
  readonly id: MessageId
  readonly at: number
}

/** Entries that have to be asked for again when their time has come. */
export class Redelivery {
  readonly #due = new Map<string, Due>()
  readonly #redeliver: (ids: readonly MessageId[]) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerAt = Infinity

  constructor(redeliver: (ids: readonly MessageId[]) => void) {
    this.#redeliver = redeliver
  }

  /** Up to a tenth of `afterMs` later than said, so that a timer serves many. */
  add(id: MessageId, afterMs: number): void {
    const step = Math.max(afterMs / 10, 1)
    const at = Math.ceil((performance.now() + afterMs) / step) * step
    this.#due.set(entryKey(id), { id, at })
    if (at < this.#timerAt) this.#arm(at)
  }

  remove(id: MessageId): void {
    this.#due.delete(entryKey(id))
  }

  /** The entry and those before it. */
  removeUpTo({ ledgerId, entryId }: { readonly ledgerId: number; readonly entryId: number }): void {
    for (const [key, { id }] of this.#due)
      if (id.ledgerId < ledgerId || (id.ledgerId === ledgerId && id.entryId <= entryId))
        this.#due.delete(key)
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
    const ready: MessageId[] = []
    let next = Infinity
    for (const [key, { id, at }] of this.#due) {
      if (at > now) next = Math.min(next, at)
      else {
        this.#due.delete(key)
        ready.push(id)
      }
    }
    this.#timerAt = Infinity
    if (next !== Infinity) this.#arm(next)
    if (ready.length > 0) this.#redeliver(ready)
  }
}

export const entryKey = ({ ledgerId, entryId }: MessageId): string => `${ledgerId}:${entryId}`
