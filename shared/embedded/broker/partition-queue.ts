import type { ReceivedMessage } from '../../messaging/port.ts'
import { OffsetRanges } from './offset-ranges.ts'

/** A message as the broker's tables give it. */
export interface StoredMessage {
  readonly seq: string
  readonly key: string
  readonly payload: Uint8Array
  readonly properties: Readonly<Record<string, string>>
  readonly publish_time: Date
  readonly event_time: Date | null
}

export interface PartitionStart {
  readonly subscriptionId: number
  readonly consumerId: number
  readonly partitionId: number
  readonly topic: string
  readonly partition: number
  /** Which lease of the partition this is; an older one stores nothing any more. */
  readonly epoch: number
  readonly mark: number
  readonly acked: string
}

interface Held {
  readonly seq: number
  readonly message: ReceivedMessage
}

/** One partition as its holder keeps it in memory: what was read, handed out, and acknowledged. */
export class PartitionQueue {
  readonly start: PartitionStart
  /** The next position to read. */
  position: number
  /** Set while the partition is about to be given up: nothing more is handed out. */
  draining = false
  /** True while acknowledgements wait to be stored. */
  dirty = false
  readonly acknowledged: OffsetRanges
  #ready: Held[] = []
  readonly #outstanding = new Map<number, ReceivedMessage>()
  readonly #keys = new Set<string>()

  constructor(start: PartitionStart) {
    this.start = start
    this.position = start.mark
    this.acknowledged = OffsetRanges.parse(start.mark, start.acked)
  }

  get held(): number {
    return this.#ready.length + this.#outstanding.size
  }

  get ready(): number {
    return this.#ready.length
  }

  get outstanding(): number {
    return this.#outstanding.size
  }

  /** Adds what was read from `position` on. Positions without a row were trimmed and need no acknowledgement. */
  add(rows: readonly StoredMessage[]): void {
    for (const row of rows) {
      const seq = Number(row.seq)
      if (seq < this.position) continue
      if (seq > this.position) this.acknowledged.add(this.position, seq)
      this.position = seq + 1
      if (!this.acknowledged.has(seq)) this.#ready.push({ seq, message: this.#received(seq, row) })
    }
  }

  /** Everything below `head` has been read: positions that gave no row were trimmed. */
  skipTo(head: number): void {
    if (head <= this.position) return
    this.acknowledged.add(this.position, head)
    this.position = head
  }

  /** Whether nothing up to there waits to be read or handed out. */
  isPast(seq: number): boolean {
    return this.position > seq && (this.#ready[0]?.seq ?? Infinity) > seq
  }

  /** Hands out at most `max`, in order; with `holdKeys` no second message of a key that is out. */
  take(max: number, holdKeys: boolean): ReceivedMessage[] {
    if (this.draining || max <= 0 || this.#ready.length === 0) return []
    const taken: Held[] = holdKeys ? this.#takeFreeKeys(max) : this.#ready.splice(0, max)
    for (const { seq, message } of taken) this.#outstanding.set(seq, message)
    return taken.map(({ message }) => message)
  }

  acknowledge(seq: number): void {
    const message = this.#outstanding.get(seq)
    if (!message) return
    this.#outstanding.delete(seq)
    this.#keys.delete(message.key)
    this.acknowledged.add(seq)
    this.dirty = true
  }

  /** Takes the message back; answers whether it was out. */
  giveBack(seq: number): boolean {
    const message = this.#outstanding.get(seq)
    if (!message) return false
    this.#outstanding.delete(seq)
    this.#keys.delete(message.key)
    const again = { ...message, redeliveryCount: message.redeliveryCount + 1 }
    const at = this.#ready.findIndex((held) => held.seq > seq)
    this.#ready.splice(at < 0 ? this.#ready.length : at, 0, { seq, message: again })
    return true
  }

  #takeFreeKeys(max: number): Held[] {
    const taken: Held[] = []
    const rest: Held[] = []
    for (const held of this.#ready) {
      const { key } = held.message
      if (taken.length < max && !this.#keys.has(key)) {
        this.#keys.add(key)
        taken.push(held)
      } else {
        rest.push(held)
      }
    }
    this.#ready = rest
    return taken
  }

  #received(seq: number, row: StoredMessage): ReceivedMessage {
    const { partitionId, topic, partition } = this.start
    return {
      id: `${partitionId}:${seq}`,
      topic,
      partition,
      key: row.key,
      payload: row.payload,
      properties: row.properties,
      publishTime: row.publish_time,
      ...(row.event_time ? { eventTime: row.event_time } : {}),
      redeliveryCount: 0,
    }
  }
}
