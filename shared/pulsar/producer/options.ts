import type { CompressionType } from '../compression/codecs.ts'
import type { MessageId } from '../message-id.ts'
import type { Properties } from '../wire/metadata-fields.ts'

export type ProducerAccessMode =
  'Shared' | 'Exclusive' | 'WaitForExclusive' | 'ExclusiveWithFencing'

export type HashingScheme = 'Murmur3_32Hash' | 'JavaStringHash'

/** Picks the partition, from 0 to `partitions` - 1. */
export type MessageRouter = (message: ProducerMessage, partitions: number) => number

export interface ProducerMessage {
  readonly data: Uint8Array
  readonly partitionKey?: string | undefined
  /** Orders instead of `partitionKey` in Key_Shared subscriptions. */
  readonly orderingKey?: Uint8Array | undefined
  readonly properties?: Properties | undefined
  /** Milliseconds since 1970. */
  readonly eventTimestamp?: number | undefined
  /** Must ascend within a producer; without it the producer counts. */
  readonly sequenceId?: number | undefined
  /** Milliseconds since 1970; Shared subscriptions only, and up to a second early or late. */
  readonly deliverAt?: number | undefined
  /** Milliseconds from now; as `deliverAt`. */
  readonly deliverAfter?: number | undefined
}

export interface SendResult {
  readonly messageId: MessageId
  readonly sequenceId: number
  /** True when the broker already had a message of this sequence id: nothing new was stored. */
  readonly duplicate: boolean
}

export interface ProducerOptions {
  readonly topic: string
  /** Unique among live producers of the topic; what the broker's deduplication goes by. */
  readonly producerName?: string | undefined
  /** The sequence id before the first one this producer gives. */
  readonly initialSequenceId?: number | undefined
  /** Milliseconds until an unacknowledged message fails; 0 never. Default 30,000. */
  readonly sendTimeoutMs?: number | undefined
  /** Messages accepted and not acknowledged yet. Default 10,000. */
  readonly maxPendingMessages?: number | undefined
  /** Payload bytes accepted and not acknowledged yet. Default 64 MiB. */
  readonly maxPendingBytes?: number | undefined
  /** When full: wait for room (true) or fail with `queue-full` (false, the default). */
  readonly blockIfQueueFull?: boolean | undefined
  /** Default true. */
  readonly batchingEnabled?: boolean | undefined
  /** KeyBasedBatching is what Key_Shared subscriptions need. Default DefaultBatching. */
  readonly batchingType?: 'DefaultBatching' | 'KeyBasedBatching' | undefined
  /** 0, the default, sends at the end of the event-loop turn. */
  readonly batchingMaxPublishDelayMs?: number | undefined
  /** Default 1,000. */
  readonly batchingMaxMessages?: number | undefined
  /** Default 128 KiB. */
  readonly batchingMaxBytes?: number | undefined
  readonly compressionType?: CompressionType | undefined
  /** Default Murmur3_32Hash, whatever other clients take: set theirs. */
  readonly hashingScheme?: HashingScheme | undefined
  /** For messages without a key. Default: one partition after the other. */
  readonly messageRouter?: MessageRouter | undefined
  readonly accessMode?: ProducerAccessMode | undefined
  /** Splits what is larger than the broker takes; needs `batchingEnabled: false`. */
  readonly chunkingEnabled?: boolean | undefined
  readonly properties?: Properties | undefined
  /** Created with the topic, so that it keeps what is sent before anyone subscribes. */
  readonly initialSubscriptionName?: string | undefined
  /** Called once when another producer took exclusive access; this one is of no use any more. */
  readonly onFenced?: (() => void) | undefined
}

/** Options with every default in place. */
export const withDefaults = (options: ProducerOptions) => ({
  ...options,
  sendTimeoutMs: options.sendTimeoutMs ?? 30_000,
  maxPendingMessages: options.maxPendingMessages ?? 10_000,
  maxPendingBytes: options.maxPendingBytes ?? 64 * 1024 * 1024,
  blockIfQueueFull: options.blockIfQueueFull ?? false,
  batchingEnabled: options.batchingEnabled ?? true,
  keyBased: options.batchingType === 'KeyBasedBatching',
  lingerMs: options.batchingMaxPublishDelayMs ?? 0,
  batchingMaxMessages: options.batchingMaxMessages ?? 1_000,
  batchingMaxBytes: options.batchingMaxBytes ?? 128 * 1024,
  compressionType: options.compressionType ?? 'None',
  chunkingEnabled: options.chunkingEnabled ?? false,
})

export type ProducerSettings = ReturnType<typeof withDefaults>
