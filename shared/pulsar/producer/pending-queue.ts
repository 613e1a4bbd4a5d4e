import type { PulsarError } from '../errors.ts'
import type { ProducerMessage, SendResult } from './options.ts'

/** A message somebody waits for. */
export interface Item {
  readonly message: ProducerMessage
  sequenceId: number
  readonly resolve: (result: SendResult) => void
  readonly reject: (error: PulsarError) => void
}

/** A frame and whom to tell when it is stored; chunks before the last one tell nobody. */
export interface PendingEntry {
  readonly sequenceId: number
  readonly items: readonly Item[]
  readonly frame: Uint8Array
}

interface Slot {
  readonly entry: PendingEntry
  readonly deadline: number
  onSettled?: (() => void)[]
}

/** What a broker lets a frame have beside the largest message, in bytes. */
const framePadding = 10 * 1024

/** What was handed to the broker and not answered yet, in the order it was sent. */
export class PendingQueue {
  #slots: Slot[] = []
  #head = 0

  /** When the oldest entry is due; Infinity when none is. */
  get nextDeadline(): number {
    return this.#slots[this.#head]?.deadline ?? Infinity
  }

  push(entry: PendingEntry, deadline: number): void {
    this.#slots.push({ entry, deadline })
  }

  /**
   * Takes the oldest entry of that id out, wherever it stands: errors overtake receipts. Undefined
   * for one that is not waited for any more.
   */
  take(sequenceId: number): PendingEntry | undefined {
    for (let at = this.#head; at < this.#slots.length; at++) {
      const slot = this.#slots[at]
      if (slot?.entry.sequenceId !== sequenceId) continue
      if (at === this.#head) this.#advance()
      else this.#slots.splice(at, 1)
      return taken(slot)
    }
    return undefined
  }

  /** Takes a whole message out; of one in chunks all that are left. */
  takeWhole(sequenceId: number): readonly PendingEntry[] {
    const whole: PendingEntry[] = []
    for (let one = this.take(sequenceId); one; one = this.take(sequenceId)) whole.push(one)
    return whole
  }

  /** Takes out what would end every connection that it is sent on: it fitted the broker of before. */
  takeLarger(maxMessageSize: number): readonly PendingEntry[] {
    const most = maxMessageSize + framePadding
    const larger = this.entries().filter(({ frame }) => frame.length > most)
    return larger.flatMap(({ sequenceId }) => this.takeWhole(sequenceId))
  }

  /** Takes out what is due at `now`, oldest first. */
  takeDue(now: number): readonly PendingEntry[] {
    const due: PendingEntry[] = []
    while (this.nextDeadline <= now) {
      const slot = this.#slots[this.#head]
      if (slot) due.push(taken(slot))
      this.#advance()
    }
    return due
  }

  takeAll(): readonly PendingEntry[] {
    const all = this.#slots.slice(this.#head)
    this.#slots = []
    this.#head = 0
    return all.map(taken)
  }

  entries(): readonly PendingEntry[] {
    return this.#slots.slice(this.#head).map(({ entry }) => entry)
  }

  /** Resolves when everything in the queue now was taken out; what comes later is not waited for. */
  async whenSettled(): Promise<void> {
    const waiting = this.#slots.slice(this.#head).map(
      (slot) =>
        new Promise<void>((resolve) => {
          slot.onSettled ??= []
          slot.onSettled.push(resolve)
        }),
    )
    await Promise.all(waiting)
  }

  #advance(): void {
    this.#head++
    if (this.#head < 256 || this.#head * 2 < this.#slots.length) return
    this.#slots = this.#slots.slice(this.#head)
    this.#head = 0
  }
}

const taken = ({ entry, onSettled }: Slot): PendingEntry => {
  for (const listener of onSettled ?? []) listener()
  return entry
}
