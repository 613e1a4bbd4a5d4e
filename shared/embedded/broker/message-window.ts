import type { ReceivedMessage, SubscribeOptions } from '../../messaging/port.ts'
import type { BrokerCore } from './core.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { Want } from './reader.ts'

const defaultSize = 1000
const maxBytes = 16 * 1024 * 1024

/** What a consumer holds in memory over all of its partitions, never more than its receiver queue. */
export class MessageWindow {
  readonly #core: Pick<BrokerCore, 'heads' | 'reader'>
  readonly #queues: ReadonlyMap<number, PartitionQueue>
  readonly #size: number
  readonly #holdKeys: boolean
  readonly #nackDelayMs: number
  readonly #resting = new Set<ReturnType<typeof setTimeout>>()
  #averageBytes = 1000
  #turn = 0

  constructor(
    core: Pick<BrokerCore, 'heads' | 'reader'>,
    queues: ReadonlyMap<number, PartitionQueue>,
    options: SubscribeOptions,
  ) {
    this.#core = core
    this.#queues = queues
    this.#size = options.receiverQueueSize ?? defaultSize
    this.#holdKeys = options.holdKeys ?? false
    this.#nackDelayMs = options.nackDelayMs ?? 1000
  }

  wants(): readonly Want[] {
    const behind = this.#inTurn().filter(
      ({ draining, position, start }) =>
        !draining && position < this.#core.heads.get(start.partitionId),
    )
    if (behind.length === 0) return []
    let held = 0
    let ready = 0
    for (const queue of this.#queues.values()) {
      held += queue.held
      ready += queue.ready
    }
    const room = this.#size - held
    // Reads of a few messages are dear: wait for half a window, unless there is nothing to hand out.
    if (ready > 0 && room < this.#size / 2) return []
    const free = Math.min(room, Math.max(1, Math.floor(maxBytes / this.#averageBytes)))
    const limit = Math.max(1, Math.floor(free / behind.length))
    return behind.slice(0, Math.max(0, free)).map((queue) => ({ queue, limit }))
  }

  take(max: number): readonly ReceivedMessage[] {
    const taken: ReceivedMessage[] = []
    for (const queue of this.#inTurn()) {
      if (taken.length >= max) break
      for (const message of queue.take(max - taken.length, this.#holdKeys)) taken.push(message)
    }
    for (const { payload } of taken)
      this.#averageBytes += (payload.byteLength - this.#averageBytes) / 64
    if (taken.length > 0) this.#core.reader.wake()
    return taken
  }

  /** Answers the queues that have something to store now. */
  acknowledge(messages: readonly ReceivedMessage[]): readonly PartitionQueue[] {
    const touched = new Set<PartitionQueue>()
    this.#each(messages, (queue, seq) => {
      queue.acknowledge(seq)
      if (queue.dirty) touched.add(queue)
    })
    return [...touched]
  }

  /** Takes messages back after their rest; `offer` is called then. */
  giveBack(messages: readonly ReceivedMessage[], offer: () => void): void {
    const timer = setTimeout(() => {
      this.#resting.delete(timer)
      this.#each(messages, (queue, seq) => queue.giveBack(seq))
      offer()
    }, this.#nackDelayMs)
    this.#resting.add(timer)
  }

  close(): void {
    for (const timer of this.#resting) clearTimeout(timer)
    this.#resting.clear()
  }

  #inTurn(): readonly PartitionQueue[] {
    const all = [...this.#queues.values()]
    this.#turn = (this.#turn + 1) % Math.max(1, all.length)
    return [...all.slice(this.#turn), ...all.slice(0, this.#turn)]
  }

  #each(messages: readonly ReceivedMessage[], act: (queue: PartitionQueue, seq: number) => void) {
    for (const { id } of messages) {
      const colon = id.indexOf(':')
      const queue = this.#queues.get(Number(id.slice(0, colon)))
      if (queue) act(queue, Number(id.slice(colon + 1)))
    }
  }
}
