import type { DealStore } from './deal-store.ts'
import type { Hand } from './hand.ts'
import type { Heads } from './heads.ts'
import type { Subscribed } from './lease-keeper.ts'
import type { SubscriptionView } from './pulse.ts'

export interface DealerParts {
  readonly heads: Heads
  readonly subscribed: readonly Subscribed[]
  /** Most messages in the hand. */
  readonly size: number
  readonly hand: Hand
  readonly store: DealStore
  readonly offer: () => void
}

// What is left was dealt to others, who are slow; by the time they are done some may be ours.
const othersMs = 50

/** Fills the hand of one consumer: looks for messages when something happened, never on its own. */
export class Dealer {
  readonly #parts: DealerParts
  readonly #living = new Map<number, readonly number[]>()
  readonly #seen = new Map<number, number>()
  #epochs = ''
  #consumers = ''
  /** Set when the tables may say that we have what we have not. */
  #unsure = false
  /** Set when something was left for want of room. */
  #more = false
  #again = false
  #closed = false
  #running: Promise<void> | undefined
  #dueAt = 0
  #due: ReturnType<typeof setTimeout> | undefined

  constructor(parts: DealerParts) {
    this.#parts = parts
  }

  /** Some partition of the process has got further; ours? */
  wake(): void {
    let news = false
    for (const { topic } of this.#parts.subscribed)
      for (const id of topic.partitionIds) {
        const head = this.#parts.heads.get(id)
        news ||= head > (this.#seen.get(id) ?? 0)
        this.#seen.set(id, head)
      }
    if (news) this.#start()
  }

  wakeIn(ms: number): void {
    const at = performance.now() + ms
    if (this.#closed || (this.#due && this.#dueAt <= at)) return
    clearTimeout(this.#due)
    this.#dueAt = at
    this.#due = setTimeout(() => {
      this.#due = undefined
      this.#start()
    }, ms)
  }

  /** There is room again. */
  freed(): void {
    if (this.#more) this.#start()
  }

  /** Something could not be stored, or its answer was lost: what the tables have is dealt again. */
  lost(error: unknown): never {
    this.#unsure = true
    this.#more = true
    throw error
  }

  beat(views: ReadonlyMap<number, SubscriptionView>): void {
    for (const [id, { consumers }] of views) this.#living.set(id, consumers)
    const consumers = [...this.#living.values()].join(';')
    const cursors = [...views.values()].flatMap((view) => view.cursors)
    const epochs = cursors.map(({ epoch }) => epoch).join()
    // Somebody has moved the subscription.
    const moved = this.#epochs !== '' && this.#epochs !== epochs
    if (moved) {
      this.#parts.hand.clear()
      this.#unsure = true
    }
    if (moved || this.#more || consumers !== this.#consumers) this.#start()
    this.#consumers = consumers
    this.#epochs = epochs
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#due)
    await this.#running
  }

  #start(): void {
    this.#again = true
    if (!this.#closed) this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    do {
      this.#again = false
      try {
        await this.#fill()
      } catch {
        // The pulse finds out whether the broker is away, and beats when it is back.
        this.#unsure = true
        this.#more = true
      }
    } while (this.#again && !this.#closed)
    this.#running = undefined
  }

  async #fill(): Promise<void> {
    const { hand, store, subscribed, size } = this.#parts
    if (this.#unsure) await store.reclaim(hand.ids())
    this.#unsure = false
    this.#more = false
    for (const one of subscribed) {
      if (hand.size >= size) {
        this.#more = true
        return
      }
      await this.#takeFrom(one, size - hand.size)
    }
  }

  async #takeFrom(one: Subscribed, room: number): Promise<void> {
    const { hand, store, offer } = this.#parts
    const living = this.#living.get(one.subscriptionId) ?? []
    const { messages, more, dueMs } = await store.take(one, living, room)
    hand.add(messages)
    this.#more ||= more
    if (dueMs !== null) this.wakeIn(Math.max(1, dueMs))
    if (messages.length > 0) {
      this.#again ||= more
      offer()
    } else if (more) this.wakeIn(othersMs)
  }
}
