import type { ProducerSettings } from './options.ts'
import type { Item } from './pending-queue.ts'

type BatchLimits = Pick<
  ProducerSettings,
  'batchingEnabled' | 'keyBased' | 'batchingMaxMessages' | 'batchingMaxBytes'
>

interface Batch {
  readonly items: Item[]
  bytes: number
}

/**
 * Gathers messages into batches, one a key when key-based. Sequence ids are given when a batch is
 * taken, so that entries ascend in the order they are sent, which the broker's deduplication needs:
 * it drops a whole batch that begins below an id it has seen.
 */
export class Batcher {
  readonly #limits: BatchLimits
  readonly #batches = new Map<string, Batch>()
  /** Ids the caller chose ascend across keys: then only one key can be open at a time. */
  #chosenIds = false
  #lastBatch: Batch | undefined

  constructor(limits: BatchLimits) {
    this.#limits = limits
  }

  /** Whether what is gathered must be sent before `item` may be added. */
  mustSendBefore(item: Item): boolean {
    if (this.#batches.size === 0) return false
    if (isAlone(item)) return true
    const batch = this.#batches.get(this.#keyOf(item))
    if (batch && batch.bytes + item.message.data.length > this.#limits.batchingMaxBytes) return true
    if (!this.#limits.keyBased) return false
    const chosen = item.message.sequenceId !== undefined
    return chosen !== this.#chosenIds || (chosen && batch !== this.#lastBatch)
  }

  /** Adds a message; true when what is gathered must be sent at once. */
  add(item: Item): boolean {
    const key = this.#keyOf(item)
    let batch = this.#batches.get(key)
    if (!batch) this.#batches.set(key, (batch = { items: [], bytes: 0 }))
    batch.items.push(item)
    batch.bytes += item.message.data.length
    this.#lastBatch = batch
    this.#chosenIds = item.message.sequenceId !== undefined
    const { batchingEnabled, batchingMaxMessages, batchingMaxBytes } = this.#limits
    if (!batchingEnabled || isAlone(item)) return true
    return batch.items.length >= batchingMaxMessages || batch.bytes >= batchingMaxBytes
  }

  /** Everything gathered, as batches in the order they were begun. */
  takeAll(): readonly (readonly Item[])[] {
    const taken = [...this.#batches.values()].map(({ items }) => items)
    this.#batches.clear()
    this.#lastBatch = undefined
    return taken
  }

  #keyOf({ message }: Item): string {
    if (!this.#limits.keyBased) return ''
    if (message.orderingKey) return `o${message.orderingKey.join()}`
    return message.partitionKey === undefined ? '' : `p${message.partitionKey}`
  }
}

/** A broker delays entries, not messages of one. */
const isAlone = ({ message }: Item): boolean =>
  message.deliverAt !== undefined || message.deliverAfter !== undefined
