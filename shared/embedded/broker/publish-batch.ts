import { Buffer } from 'node:buffer'
import { partitionOf } from '../../kernel/murmur3.ts'
import type { OutgoingMessage } from '../../messaging/port.ts'
import type { Topic } from './topics.ts'

/** A message on its way into the broker. */
export interface Pending {
  readonly topic: Topic
  readonly message: OutgoingMessage
  readonly bytes: number
  readonly deadline: number
  /** Set once a statement that carries it may have reached the database. */
  sendBegan: boolean
  settled: boolean
  resolve(id: string): void
  reject(error: unknown): void
}

/** The parameters of `broker.publish`, and where each message went. */
export interface Batch {
  readonly parameters: readonly unknown[]
  readonly partitionIds: readonly number[]
  readonly counts: readonly number[]
  /** For each message its place in `partitionIds` and its rank among those of the partition. */
  readonly places: readonly { readonly slot: number; readonly rank: number }[]
}

/** Lays a batch out for one call; partitions ascend, messages of a partition keep their order. */
export const layOut = (messages: readonly Pending[]): Batch => {
  const targets = messages.map(
    ({ topic, message }) =>
      topic.partitionIds[partitionOf(message.key, topic.partitionIds.length)] ?? 0,
  )
  const partitionIds = [...new Set(targets)].sort((a, b) => a - b)
  const slots = new Map(partitionIds.map((id, slot) => [id, slot]))
  const counts = partitionIds.map(() => 0)
  const places = targets.map((id) => {
    const slot = slots.get(id) ?? 0
    const rank = counts[slot] ?? 0
    counts[slot] = rank + 1
    return { slot, rank }
  })
  const payloads = Buffer.concat(messages.map(({ message }) => message.payload))
  let end = 1
  const starts = messages.map(
    ({ message }) => (end += message.payload.byteLength) - message.payload.byteLength,
  )
  const each = <T>(pick: (message: OutgoingMessage) => T) => messages.map((m) => pick(m.message))
  return {
    partitionIds,
    counts,
    places,
    parameters: [
      partitionIds,
      counts,
      places.map((place) => place.slot + 1),
      places.map((place) => place.rank),
      each((message) => message.key),
      payloads,
      starts,
      each((message) => message.payload.byteLength),
      each((message) => JSON.stringify(message.properties)),
      each((message) => message.eventTime?.getTime() ?? null),
      each((message) => message.deliverAt?.getTime() ?? null),
    ],
  }
}
