import type { MessageId } from '../../pulsar/message-id.ts'
import type { ProducerMessage } from '../../pulsar/producer/options.ts'
import type { Consumer, SubscribeOptions } from '../port.ts'
import type { Part } from './topics.ts'

export type Position = Parameters<Consumer['seek']>[0]

export interface TopicSchema {
  readonly type: 'JSON' | 'AVRO'
  readonly definition: string
}

export interface ProducerWish {
  readonly part: Part
  readonly fenced: boolean
  /** Batches hold one key each, for Key_Shared. */
  readonly keyBatches: boolean
  readonly schema: TopicSchema | undefined
  readonly sendTimeoutMs: number
  /** Called once when another fenced producer has taken the partition over. */
  onFenced(): void
}

/** Writes to one partition. Rejects with `PulsarError`. */
export interface DriverProducer {
  /** In the order of the calls; resolves when the message is stored. */
  send(message: ProducerMessage): Promise<{ readonly messageId: MessageId }>
  /** Flushes first. */
  close(): Promise<void>
}

/** A message as a client hands it over; times in ms since 1970. */
export interface Delivery {
  getMessageId(): MessageId
  getData(): Uint8Array
  getPartitionKey(): string | undefined
  getProperties(): Readonly<Record<string, string>>
  getPublishTimestamp(): number
  /** 0 for none. */
  getEventTimestamp(): number
  getDeliverAt(): number | undefined
  getRedeliveryCount(): number
}

/** What a feed tells whoever reads it. */
export interface FeedEvents {
  /** Whether a Failover consumer is the one that gets the messages now; only that one may work on them. */
  onActive(active: boolean): void
  onUnreadable(error: Error): void
}

/** The messages of one partition. Rejects with `PulsarError`. */
export interface Feed<Raw> {
  readonly part: Part
  readonly connected: boolean
  /** The next message; waits for it. */
  next(): Promise<Raw>
  acknowledge(message: Raw): Promise<void>
  /** A message id moves its own partition only. Calls `forget` between the last message of before and the first one of the new place. */
  seek(position: Position, forget: () => void): Promise<void>
  /** The last message stored, if it is still to come; of feeds that are not durable. */
  lastAhead?(): Promise<MessageId | undefined>
  close(): Promise<void>
}

export interface FeedOptions extends SubscribeOptions {
  readonly consumerName: string
  /** Messages fetched ahead from this partition. */
  readonly fetchAhead: number
  /** Their payload at most, as far as it can be told before they come. */
  readonly fetchAheadBytes: number
}

/** What the adapter needs of a client of Pulsar. Rejects with `PulsarError`. */
export interface PulsarDriver<Raw extends Delivery> {
  readonly name: 'pulsar' | 'official'
  /** The topics that make up a topic; `topic-not-found` for one that is not there. */
  partitions(topic: string): Promise<readonly string[]>
  createProducer(wish: ProducerWish): Promise<DriverProducer>
  subscribe(part: Part, options: FeedOptions, events: FeedEvents): Promise<Feed<Raw>>
  close(): Promise<void>
}
