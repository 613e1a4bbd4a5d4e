import type { CompressionType } from '../compression/codecs.ts'
import type { MessageId } from '../message-id.ts'
import type { Schema } from '../schema/codec.ts'
import type { SchemaInfo } from '../schema/schema-info.ts'
import type { Properties } from '../wire/metadata-fields.ts'

export type ProducerAccessMode =
  'Shared' | 'Exclusive' | 'WaitForExclusive' | 'ExclusiveWithFencing'

export type HashingScheme = 'Murmur3_32Hash' | 'JavaStringHash'

export type MessageRoutingMode = 'RoundRobinDistribution' | 'UseSinglePartition' | 'CustomPartition'

/** Picks the partition, from 0 to `numPartitions` - 1. */
export type MessageRouter = (
  message: ProducerMessage,
  topicMetadata: { readonly numPartitions: number },
) => number

export interface ProducerMessage {
  readonly data: Uint8Array
  readonly partitionKey?: string | undefined
  /** The key is bytes, and `partitionKey` the Base64 of them. */
  readonly partitionKeyBase64?: boolean | undefined
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

/** A message given as a value, which the schema of the producer makes bytes of. */
export interface ValueMessage<T> extends Omit<ProducerMessage, 'data'> {
  readonly value: T
}

export interface SendResult {
  readonly messageId: MessageId
  readonly sequenceId: number
  /** True when the broker already had a message of this sequence id: nothing new was stored. */
  readonly duplicate: boolean
}

/** Counts of messages since the producer was created. */
export interface ProducerStats {
  /** Accepted, or waiting to be, and not acknowledged yet. */
  readonly pending: number
  readonly sent: number
  /** Accepted and not stored all the same; what was refused at once does not count. */
  readonly failed: number
}

export interface ProducerOptions<T = Uint8Array> {
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
  /** Messages in one batch at most. Default 1,000. */
  readonly batchingMaxMessages?: number | undefined
  /** Payload bytes in one batch at most; one larger message goes alone. Default 128 KiB. */
  readonly batchingMaxAllowedSizeInBytes?: number | undefined
  /** Of each entry, that is of whole batches. Default None. */
  readonly compressionType?: CompressionType | undefined
  /** Default Murmur3_32Hash, whatever other clients take: set theirs. */
  readonly hashingScheme?: HashingScheme | undefined
  /**
   * Where messages without a key go: to one partition after the other (RoundRobinDistribution, the
   * default; what one event-loop turn sends stays together, as it makes one batch), or all to one
   * picked at random (UseSinglePartition). A key always decides, except in CustomPartition.
   */
  readonly messageRoutingMode?: MessageRoutingMode | undefined
  /** Decides for every message; turns `messageRoutingMode` to CustomPartition. */
  readonly messageRouter?: MessageRouter | undefined
  /**
   * Shared, the default: any number of producers. Exclusive: fails with `producer-fenced` while
   * there is another, or `producer-busy` while there are shared ones. WaitForExclusive: created when
   * the others have gone, however long that takes. ExclusiveWithFencing: throws the others out.
   */
  readonly accessMode?: ProducerAccessMode | undefined
  /** Splits what is larger than the broker takes; needs `batchingEnabled: false`. */
  readonly chunkingEnabled?: boolean | undefined
  /**
   * Registered with the topic, which fails with `incompatible-schema` when the topic's schema does not
   * allow it, and used for what is sent as `value`. Without, a topic with a schema takes bytes as they
   * are, unless its namespace enforces schemas.
   */
  readonly schema?: Schema<T> | undefined
  readonly properties?: Properties | undefined
  /** Created with the topic, so that it keeps what is sent before anyone subscribes. */
  readonly initialSubscriptionName?: string | undefined
  /** Called once when another producer took exclusive access; this one is of no use any more. */
  readonly onFenced?: (() => void) | undefined
}

/** Options with every default in place. */
export const withDefaults = (
  options: Omit<ProducerOptions, 'schema'>,
  schemaInfo: SchemaInfo | undefined,
) => ({
  ...options,
  schemaInfo,
  sendTimeoutMs: options.sendTimeoutMs ?? 30_000,
  maxPendingMessages: options.maxPendingMessages ?? 10_000,
  maxPendingBytes: options.maxPendingBytes ?? 64 * 1024 * 1024,
  blockIfQueueFull: options.blockIfQueueFull ?? false,
  batchingEnabled: options.batchingEnabled ?? true,
  keyBased: options.batchingType === 'KeyBasedBatching',
  lingerMs: options.batchingMaxPublishDelayMs ?? 0,
  batchingMaxMessages: options.batchingMaxMessages ?? 1_000,
  batchingMaxBytes: options.batchingMaxAllowedSizeInBytes ?? 128 * 1024,
  compressionType: options.compressionType ?? 'None',
  chunkingEnabled: options.chunkingEnabled ?? false,
})

export type ProducerSettings = ReturnType<typeof withDefaults>
