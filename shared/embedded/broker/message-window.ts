import type { ReceivedMessage, SubscribeOptions } from '../../messaging/port.ts'
import type { BrokerCore } from './core.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { Want } from './reader.ts'

/** What a consumer holds in memory over all of its partitions, never more than its receiver queue. */
export interface MessageWindow {
  wants(): readonly Want[]
  take(max: number): readonly ReceivedMessage[]
  /** Answers the queues that have something to store now. */
  acknowledge(messages: readonly ReceivedMessage[]): readonly PartitionQueue[]
  giveBack(messages: readonly ReceivedMessage[], offer: () => void): void
  close(): void
}

const defaultSize = 1000
const maxBytes = 16 * 1024 * 1024

export const messageWindow = (
  { heads, reader }: Pick<BrokerCore, 'heads' | 'reader'>,
  queues: ReadonlyMap<number, PartitionQueue>,
  options: SubscribeOptions,
): MessageWindow => {
  const size = options.receiverQueueSize ?? defaultSize
  const holdKeys = options.holdKeys ?? false
  const resting = new Set<ReturnType<typeof setTimeout>>()
  let averageBytes = 1000
  let turn = 0

  const inTurn = () => {
    const all = [...queues.values()]
    turn = (turn + 1) % Math.max(1, all.length)
    return [...all.slice(turn), ...all.slice(0, turn)]
  }
  const each = (
    messages: readonly ReceivedMessage[],
    act: (queue: PartitionQueue, seq: number) => void,
  ) => {
    for (const { id } of messages) {
      const colon = id.indexOf(':')
      const queue = queues.get(Number(id.slice(0, colon)))
      if (queue) act(queue, Number(id.slice(colon + 1)))
    }
  }

  return {
    wants() {
      const behind = inTurn().filter(
        (queue) => !queue.draining && queue.position < heads.get(queue.start.partitionId),
      )
      if (behind.length === 0) return []
      let held = 0
      let ready = 0
      for (const queue of queues.values()) {
        held += queue.held
        ready += queue.ready
      }
      // Reads of a few messages are dear: wait for half a window, unless there is nothing to hand out.
      if (ready > 0 && size - held < size / 2) return []
      const free = Math.min(size - held, Math.max(1, Math.floor(maxBytes / averageBytes)))
      const share = Math.max(1, Math.floor(free / behind.length))
      return behind.slice(0, Math.max(0, free)).map((queue) => ({ queue, limit: share }))
    },
    take(max) {
      const taken: ReceivedMessage[] = []
      for (const queue of inTurn()) {
        if (taken.length >= max) break
        for (const message of queue.take(max - taken.length, holdKeys)) taken.push(message)
      }
      for (const { payload } of taken) averageBytes += (payload.byteLength - averageBytes) / 64
      if (taken.length > 0) reader.wake()
      return taken
    },
    acknowledge(messages) {
      const touched = new Set<PartitionQueue>()
      each(messages, (queue, seq) => {
        queue.acknowledge(seq)
        if (queue.dirty) touched.add(queue)
      })
      return [...touched]
    },
    giveBack(messages, offer) {
      const timer = setTimeout(() => {
        resting.delete(timer)
        each(messages, (queue, seq) => queue.giveBack(seq))
        offer()
      }, options.nackDelayMs ?? 1000)
      resting.add(timer)
    },
    close() {
      for (const timer of resting) clearTimeout(timer)
      resting.clear()
    },
  }
}
