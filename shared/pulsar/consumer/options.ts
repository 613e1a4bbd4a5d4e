import type { PulsarError } from '../errors.ts'
import type { MessageId } from '../message-id.ts'
import type { Schema } from '../schema/codec.ts'
import type { Properties } from '../wire/metadata-fields.ts'
import type { Consumer } from './consumer.ts'
import type { Message } from './message.ts'
import type { Reader } from './reader.ts'

export type SubscriptionType = 'Exclusive' | 'Shared' | 'Failover' | 'KeyShared'

/** How a Key_Shared subscription shares its keys out. All its consumers must say the same. */
export interface KeySharedPolicy {
  /** AutoSplit, the default: the broker splits the hashes. Sticky: each consumer names its own. */
  readonly keyShareMode?: 'AutoSplit' | 'Sticky' | undefined
  /** Hashes of keys this consumer wants, 0 to 65535, both ends included; for Sticky. */
  readonly stickyRanges?: readonly { readonly start: number; readonly end: number }[] | undefined
  /** A consumer that joins gets messages at once, out of order with those that others hold. Default false. */
  readonly allowOutOfOrderDelivery?: boolean | undefined
}

/** What becomes of a message that was delivered too often. Shared and Key_Shared only: other types do not count. */
export interface DeadLetterPolicy {
  /** Redeliveries; with the next one it goes to the dead letters instead. At least 1. */
  readonly maxRedeliverCount: number
  /** Default `<topic>-<subscription>-DLQ`. */
  readonly deadLetterTopic?: string | undefined
  /** Default `<topic>-<subscription>-RETRY`, of the first topic; used with `retryEnable`. */
  readonly retryLetterTopic?: string | undefined
  /** A subscription created with the dead-letter topic, without which nothing keeps what is sent there. */
  readonly initialSubscriptionName?: string | undefined
  /** Hears why a dead letter could not be sent; the message is delivered again then. */
  readonly onFailure?: ((error: PulsarError, message: Message) => void) | undefined
}

/** A batch is full with the first of these that is reached. */
export interface BatchReceivePolicy {
  /** Default: no limit. */
  readonly maxNumMessages?: number | undefined
  /** Of payload; the message that reaches it is still in. Default 10 MiB. */
  readonly maxNumBytes?: number | undefined
  /** Milliseconds; the batch may be empty then. 0 waits without end. Default 100. */
  readonly timeoutMs?: number | undefined
}

export interface ConsumerOptions<T = Uint8Array> {
  readonly topic?: string | undefined
  readonly topics?: readonly string[] | undefined
  /**
   * Instead of names: all topics of one namespace whose whole name fits,
   * `persistent://tenant/namespace/orders-.*`. Tenant and namespace stand as they are.
   */
  readonly topicsPattern?: RegExp | string | undefined
  /** What a pattern finds. Default PersistentOnly. */
  readonly regexSubscriptionMode?: 'PersistentOnly' | 'NonPersistentOnly' | 'AllTopics' | undefined
  /** Milliseconds between two looks for topics that fit the pattern; 0 never. Default 60,000. */
  readonly patternAutoDiscoveryPeriodMs?: number | undefined
  readonly subscription: string
  /** Default Exclusive. */
  readonly subscriptionType?: SubscriptionType | undefined
  /**
   * NonDurable: the broker stores nothing about it, and it ends with its last consumer. Over lost
   * connections it goes on behind the last message received. Default Durable.
   */
  readonly subscriptionMode?: 'Durable' | 'NonDurable' | undefined
  /** Where a subscription that is new begins. Default Latest. */
  readonly subscriptionInitialPosition?: 'Latest' | 'Earliest' | undefined
  /** Kept with the subscription when it is new. */
  readonly subscriptionProperties?: Properties | undefined
  /** Of consumers that share a subscription the lowest level gets messages first. Default 0. */
  readonly priorityLevel?: number | undefined
  readonly consumerName?: string | undefined
  /**
   * Messages fetched ahead, at least; a batch is never split, so one entry more. 0 fetches only while
   * somebody waits in `receive`. Default 1,000.
   */
  readonly receiverQueueSize?: number | undefined
  /** The same of all topics and partitions together, each of which has at least 1. Default 50,000. */
  readonly receiverQueueSizeAcrossPartitions?: number | undefined
  /**
   * Payload bytes fetched ahead, of all topics and partitions together; so many messages as would fit
   * if they are like the last ones. When small messages are followed by large ones at once, what had
   * been asked for by then comes on top. Default 64 MiB.
   */
  readonly receiverQueueBytes?: number | undefined
  /** Milliseconds from a negative acknowledgement until the message is asked for again. Default 60,000. */
  readonly nAckRedeliverTimeoutMs?: number | undefined
  /** Instead of a fixed time: milliseconds after the given number of redeliveries. */
  readonly negativeAckRedeliveryBackoff?: ((redeliveryCount: number) => number) | undefined
  /** Milliseconds after which a message received and not acknowledged is asked for again. Default: never. */
  readonly ackTimeoutMs?: number | undefined
  /**
   * True, the default: `acknowledge` resolves with the broker's receipt and rejects without. False: it
   * resolves at once; what the broker did not get to know comes again.
   */
  readonly ackReceiptEnabled?: boolean | undefined
  /** Milliseconds in which acknowledgements are gathered. 0, the default: one turn of the event loop. */
  readonly ackGroupTimeMs?: number | undefined
  /** Acknowledges single messages of a batch at the broker; the broker must allow it. Default false. */
  readonly batchIndexAckEnabled?: boolean | undefined
  readonly keySharedPolicy?: KeySharedPolicy | undefined
  readonly deadLetterPolicy?: DeadLetterPolicy | undefined
  /** Reads the retry-letter topic as well, which `reconsumeLater` needs. Shared only. Default false. */
  readonly retryEnable?: boolean | undefined
  /** For `batchReceive`. */
  readonly batchReceivePolicy?: BatchReceivePolicy | undefined
  /** Of each key only the last message, as far as the topic is compacted. Exclusive and Failover. */
  readonly readCompacted?: boolean | undefined
  /**
   * Checked against what is registered with the topic, and registered when nothing is; makes what
   * `Message.getValue` returns.
   */
  readonly schema?: Schema<T> | undefined
  readonly properties?: Properties | undefined
  /**
   * Gets the messages, one after the other: the next one when the promise of the one before has
   * settled. A message it throws for is negatively acknowledged. `receive` is of no use then.
   */
  readonly listener?: ((message: Message<T>, consumer: Consumer<T>) => unknown) | undefined
  /**
   * Hears what `listener` threw, and, without a message, why the broker ended the consumer. Without
   * this such an error is an unhandled rejection.
   */
  readonly onListenerError?: ((error: unknown, message: Message | undefined) => void) | undefined
  /** A Failover consumer hears whether it is the one that gets the messages of `topic`. */
  readonly onActiveChange?: ((active: boolean, topic: string) => void) | undefined
  /** The topic was terminated and this subscription has had all of it. */
  readonly onReachedEndOfTopic?: ((topic: string) => void) | undefined
  /**
   * Hears of an entry that is damaged, or compressed in a way unknown here. It is neither delivered nor
   * acknowledged: it comes again in the next session.
   */
  readonly onUnreadable?: ((error: PulsarError, id: MessageId, topic: string) => void) | undefined
}

export interface ReaderOptions<T = Uint8Array> {
  /** With partitions only from `earliest` or `latest`. */
  readonly topic: string
  readonly startMessageId: MessageId
  /** Whether the message at `startMessageId` is read too; with `latest` the last one. Default false. */
  readonly startMessageIdInclusive?: boolean | undefined
  readonly receiverQueueSize?: number | undefined
  readonly readerName?: string | undefined
  /** Begins the name of the subscription, which has to be unique. Default `reader`. */
  readonly subscriptionRolePrefix?: string | undefined
  readonly readCompacted?: boolean | undefined
  /** As of a consumer. */
  readonly schema?: Schema<T> | undefined
  /** As of a consumer; there is nothing to acknowledge. */
  readonly listener?: ((message: Message<T>, reader: Reader<T>) => unknown) | undefined
  readonly onListenerError?: ConsumerOptions['onListenerError']
  readonly onUnreadable?: ConsumerOptions['onUnreadable']
}

export interface TableViewOptions<T = Uint8Array> {
  readonly topic: string
  /** Makes the values; without, they are the bytes. */
  readonly schema?: Schema<T> | undefined
  /** Begins the name of the subscription, which has to be unique. Default `table-view`. */
  readonly subscriptionRolePrefix?: string | undefined
  /** Hears of a message whose value cannot be made; its key keeps the value it has. */
  readonly onUnreadable?: ConsumerOptions['onUnreadable']
}

/** Of messages since the consumer was opened. */
export interface ConsumerStats {
  /** Handed to the application, repetitions included. */
  readonly received: number
  readonly acknowledged: number
  readonly negativelyAcknowledged: number
  /** Fetched ahead and not received yet. */
  readonly queued: number
}
