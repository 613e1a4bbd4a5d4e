import { Invalid, Transient } from '../../kernel/fates.ts'
import type { Database } from '../../postgres/database.ts'
import { errorCode } from '../../postgres/errors.ts'
import { outsideTransaction } from '../../postgres/guard.ts'
import { type Batch, layOut, type Pending } from './publish-batch.ts'
import { ask, passes } from './statements.ts'

export interface PublishQueueOptions {
  readonly database: Database
  /** How far partitions have got after a commit, by partition id. */
  readonly onStored: (heads: ReadonlyMap<number, number>) => void
}

const maxMessages = 1000
const maxBytes = 4 * 1024 * 1024
const pauseMs = 100
// These say that the connection was never made, so nothing can have been stored.
const neverSent = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENOENT|CONNECT_TIMEOUT|57P0[35]|53300)$/

/**
 * One queue for a process. While one batch is being committed the next one gathers, so batches grow
 * with the load and nothing waits without need. A batch that met an absent broker is sent again, in
 * its place, until its messages run out of time; one that is refused is split down to the culprit.
 */
export class PublishQueue {
  readonly #options: PublishQueueOptions
  #waiting: Pending[] = []
  #inFlight: readonly Pending[] = []
  #running = false
  #closed = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: PublishQueueOptions) {
    this.#options = options
  }

  add(pending: Pending): void {
    this.#waiting.push(pending)
    this.#watch()
    if (!this.#running) void outsideTransaction(() => this.#run())
  }

  /** From now on nothing is tried twice. */
  close(): void {
    this.#closed = true
  }

  async #run(): Promise<void> {
    this.#running = true
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      this.#inFlight = this.#waiting.splice(0, batchSize(this.#waiting))
      const again = await this.#send(this.#inFlight)
      this.#inFlight = []
      if (again.length > 0) await this.#putBack(again)
    }
    this.#running = false
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async #putBack(again: readonly Pending[]): Promise<void> {
    this.#waiting.unshift(...again.filter((pending) => !pending.settled))
    if (this.#waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    if (this.#closed) for (const pending of this.#waiting.splice(0)) giveUp(pending)
  }

  /** Stores what it can in order; answers what is to be sent again. */
  async #send(messages: readonly Pending[]): Promise<readonly Pending[]> {
    try {
      await this.#store(messages)
      return []
    } catch (error) {
      if (passes(error)) {
        const began = !neverSent.test(errorCode(error) ?? '')
        for (const pending of messages) pending.sendBegan ||= began
        return messages
      }
      if (messages.length === 1) {
        refuse(messages, error)
        return []
      }
      const half = messages.length >> 1
      const left = await this.#send(messages.slice(0, half))
      const rest = messages.slice(half)
      return left.length > 0 ? [...left, ...rest] : this.#send(rest)
    }
  }

  async #store(messages: readonly Pending[]): Promise<void> {
    const batch = layOut(messages)
    const [row] = await ask<Stored>(this.#options.database, publish, batch.parameters)
    if (!row) throw new TypeError('broker.publish answered no row')
    const firsts = row.firsts.map(Number)
    settle(messages, batch, firsts)
    this.#options.onStored(heads(batch, firsts))
  }

  #watch(): void {
    const oldest = this.#inFlight.find((pending) => !pending.settled) ?? this.#waiting[0]
    if (this.#timer || !oldest) return
    const left = Math.max(1, oldest.deadline - performance.now())
    this.#timer = setTimeout(() => this.#expire(), left)
  }

  #expire(): void {
    this.#timer = undefined
    const now = performance.now()
    for (const pending of this.#inFlight) pending.sendBegan = true
    for (const pending of [...this.#inFlight, ...this.#waiting])
      if (pending.deadline <= now) giveUp(pending)
    this.#waiting = this.#waiting.filter((pending) => !pending.settled)
    this.#watch()
  }
}

interface Stored {
  readonly firsts: string[]
}

const publish = 'SELECT firsts FROM broker.publish($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)'

const batchSize = (waiting: readonly Pending[]): number => {
  let bytes = 0
  for (let size = 0; size < waiting.length; size++) {
    bytes += waiting[size]?.bytes ?? 0
    if (size === maxMessages || (bytes > maxBytes && size > 0)) return size
  }
  return waiting.length
}

const settle = (messages: readonly Pending[], batch: Batch, firsts: readonly number[]) =>
  messages.forEach((pending, index) => {
    const { slot, rank } = batch.places[index] ?? { slot: 0, rank: 0 }
    pending.settled = true
    pending.resolve(`${batch.partitionIds[slot]}:${(firsts[slot] ?? 0) + rank}`)
  })

const heads = (batch: Batch, firsts: readonly number[]) =>
  new Map(
    batch.partitionIds.map((id, slot) => [id, (firsts[slot] ?? 0) + (batch.counts[slot] ?? 0)]),
  )

const refuse = ([pending]: readonly Pending[], cause: unknown) => {
  if (!pending || pending.settled) return
  pending.settled = true
  const reason = cause instanceof Error ? cause.message : String(cause)
  pending.reject(new Invalid(`the broker refuses the message: ${reason}`, [], 'message-refused'))
}

const giveUp = (pending: Pending) => {
  if (pending.settled) return
  pending.settled = true
  pending.reject(new PublishTimeout(pending.sendBegan))
}

/** `Transient` slug `broker-unavailable`; with `sendBegan` the message may have been stored after all. */
export class PublishTimeout extends Transient {
  readonly sendBegan: boolean

  constructor(sendBegan: boolean) {
    super('broker-unavailable', 'the broker did not store the message in time')
    this.sendBegan = sendBegan
  }
}
