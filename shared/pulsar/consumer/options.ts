import type { PulsarError } from '../errors.ts'
import type { MessageId } from '../message-id.ts'
import type { Properties } from '../wire/metadata-fields.ts'

export type SubscriptionType = 'Exclusive' | 'Shared' | 'Failover' | 'KeyShared'

/** Numbers of `SubType` in CommandSubscribe of PulsarApi.proto. */
export const subscriptionTypes: Readonly<Record<SubscriptionType, number>> = {
  Exclusive: 0,
  Shared: 1,
  Failover: 2,
  KeyShared: 3,
}

export interface ConsumerOptions {
  readonly topic?: string | undefined
  readonly topics?: readonly string[] | undefined
  readonly subscription: string
  /** Default Exclusive. */
  readonly subscriptionType?: SubscriptionType | undefined
  /** Where a subscription that is new begins. Default Latest. */
  readonly subscriptionInitialPosition?: 'Latest' | 'Earliest' | undefined
  readonly consumerName?: string | undefined
  /**
   * Messages fetched ahead, at least; a batch is never split, so one entry more. 0 fetches only while
   * somebody waits in `receive`. Default 1,000.
   */
  readonly receiverQueueSize?: number | undefined
  /** Milliseconds from a negative acknowledgement until the message is asked for again. Default 60,000. */
  readonly nAckRedeliverTimeoutMs?: number | undefined
  /** Instead of a fixed time: milliseconds after the given number of redeliveries. */
  readonly negativeAckRedeliveryBackoff?: ((redeliveryCount: number) => number) | undefined
  /** Acknowledges single messages of a batch at the broker; the broker must allow it. Default false. */
  readonly batchIndexAckEnabled?: boolean | undefined
  /** Hash ranges this Key_Shared consumer wants for itself, 0 to 65535; without, the broker splits. */
  readonly stickyRanges?: readonly { readonly start: number; readonly end: number }[] | undefined
  readonly properties?: Properties | undefined
  /** A Failover consumer hears whether it is the one that gets the messages of `topic`. */
  readonly onActiveChange?: ((active: boolean, topic: string) => void) | undefined
  readonly onReachedEndOfTopic?: ((topic: string) => void) | undefined
  /**
   * Hears of an entry that is damaged, or compressed in a way unknown here. It is neither delivered nor
   * acknowledged: it comes again in the next session.
   */
  readonly onUnreadable?: ((error: PulsarError, id: MessageId, topic: string) => void) | undefined
}

export interface ReaderOptions {
  readonly topic: string
  readonly startMessageId: MessageId
  /** Whether the message at `startMessageId` is read too. Default false. */
  readonly startMessageIdInclusive?: boolean | undefined
  readonly receiverQueueSize?: number | undefined
  readonly readerName?: string | undefined
}

/** What one consumer of one topic needs, defaults in place. */
export interface ConsumerSettings {
  readonly subscription: string
  readonly subscriptionType: SubscriptionType
  readonly initialPosition: 'Latest' | 'Earliest'
  readonly consumerName: string | undefined
  readonly receiverQueueSize: number
  readonly redeliverAfterMs: (redeliveryCount: number) => number
  readonly batchIndexAckEnabled: boolean
  readonly stickyRanges: ConsumerOptions['stickyRanges']
  readonly properties: Properties
  readonly onActiveChange: ConsumerOptions['onActiveChange']
  readonly onReachedEndOfTopic: ConsumerOptions['onReachedEndOfTopic']
  readonly onUnreadable: ConsumerOptions['onUnreadable']
  /** Set for a reader: nothing of it is stored, so it says where it is whenever it starts. */
  readonly reader: { readonly start: MessageId; readonly inclusive: boolean } | undefined
}

export const consumerSettings = (options: ConsumerOptions): ConsumerSettings => {
  const redeliverAfterMs = options.nAckRedeliverTimeoutMs ?? 60_000
  return {
    subscription: options.subscription,
    subscriptionType: options.subscriptionType ?? 'Exclusive',
    initialPosition: options.subscriptionInitialPosition ?? 'Latest',
    consumerName: options.consumerName,
    receiverQueueSize: options.receiverQueueSize ?? 1_000,
    redeliverAfterMs: options.negativeAckRedeliveryBackoff ?? (() => redeliverAfterMs),
    batchIndexAckEnabled: options.batchIndexAckEnabled ?? false,
    stickyRanges: options.stickyRanges,
    properties: options.properties ?? {},
    onActiveChange: options.onActiveChange,
    onReachedEndOfTopic: options.onReachedEndOfTopic,
    onUnreadable: options.onUnreadable,
    reader: undefined,
  }
}

export const readerSettings = (options: ReaderOptions, subscription: string): ConsumerSettings => ({
  ...consumerSettings({
    subscription,
    consumerName: options.readerName,
    receiverQueueSize: options.receiverQueueSize,
  }),
  reader: { start: options.startMessageId, inclusive: options.startMessageIdInclusive === true },
})
