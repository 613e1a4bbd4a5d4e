import { PulsarError } from '../errors.ts'
import { earliest, latest, type MessageId } from '../message-id.ts'
import type { Schema } from '../schema/codec.ts'
import type { SchemaInfo } from '../schema/schema-info.ts'
import type { Properties } from '../wire/metadata-fields.ts'
import type {
  BatchReceivePolicy,
  ConsumerOptions,
  ReaderOptions,
  SubscriptionType,
} from './options.ts'
import { topicPattern } from './topic-pattern.ts'
import type { Wanted } from './topic-parts.ts'
import { defaultQueueBytes } from './permits.ts'

/** Numbers of `SubType` in CommandSubscribe of PulsarApi.proto. */
export const subscriptionTypes: Readonly<Record<SubscriptionType, number>> = {
  Exclusive: 0,
  Shared: 1,
  Failover: 2,
  KeyShared: 3,
}

/** Where something begins whose place the broker does not store. */
export interface Start {
  readonly id: MessageId
  readonly inclusive: boolean
  /** It never wants a message again that it has had. */
  readonly strict: boolean
}

/** What one consumer of one topic needs, defaults in place. */
export interface ConsumerSettings<T = unknown> {
  readonly subscription: string
  readonly subscriptionType: SubscriptionType
  readonly initialPosition: 'Latest' | 'Earliest'
  readonly subscriptionProperties: Properties
  readonly priorityLevel: number | undefined
  readonly consumerName: string | undefined
  readonly receiverQueueSize: number
  readonly receiverQueueSizeOfAll: number
  readonly receiverQueueBytes: number
  readonly redeliverAfterMs: (redeliveryCount: number) => number
  readonly ackTimeoutMs: number | undefined
  readonly ackReceipts: boolean
  readonly ackGroupTimeMs: number
  readonly batchIndexAckEnabled: boolean
  readonly keySharedPolicy: ConsumerOptions['keySharedPolicy']
  readonly deadLetterPolicy: ConsumerOptions['deadLetterPolicy']
  readonly retryEnable: boolean
  readonly readCompacted: boolean
  readonly properties: Properties
  readonly onActiveChange: ConsumerOptions['onActiveChange']
  readonly onReachedEndOfTopic: ConsumerOptions['onReachedEndOfTopic']
  readonly onUnreadable: ConsumerOptions['onUnreadable']
  readonly schema: Schema<T> | undefined
  /** What the broker is told of `schema`. */
  readonly schemaInfo: SchemaInfo | undefined
  /** Whether the broker makes a topic that is not there. */
  readonly createTopic: boolean
  /** Set for what is not durable: nothing of it is stored, so it says where it is whenever it starts. */
  readonly start: Start | undefined
}

/** What a consumer is opened with. */
export interface Opening<T> {
  readonly wanted: Wanted
  readonly settings: ConsumerSettings<T>
  readonly batchReceivePolicy: BatchReceivePolicy
}

/** @throws PulsarError `invalid-argument` for options that exclude each other, or without a topic */
export const consumerOpening = <T>(options: ConsumerOptions<T>): Opening<T> => {
  const { topic, topics = [], topicsPattern, regexSubscriptionMode } = options
  const names = topic === undefined ? topics : [topic, ...topics]
  if (topicsPattern !== undefined && names.length > 0)
    refuse('Name topics, or give a topicsPattern, not both.')
  if (topicsPattern !== undefined && options.retryEnable)
    refuse('retryEnable is for topics given by name.')
  return {
    wanted: {
      topics: names,
      pattern:
        topicsPattern === undefined
          ? undefined
          : topicPattern(topicsPattern, regexSubscriptionMode),
      patternPeriodMs: options.patternAutoDiscoveryPeriodMs ?? 60_000,
    },
    settings: consumerSettings(options),
    batchReceivePolicy: options.batchReceivePolicy ?? {},
  }
}

/** @param random makes the name of its subscription unique */
export const readerOpening = <T>(options: ReaderOptions<T>, random: string): Opening<T> => {
  const { topic, readerName: consumerName, receiverQueueSize, readCompacted } = options
  const { onUnreadable, schema, subscriptionRolePrefix = 'reader' } = options
  const subscription = `${subscriptionRolePrefix}-${random}`
  const opening = consumerOpening({
    topic,
    subscription,
    consumerName,
    receiverQueueSize,
    readCompacted,
    onUnreadable,
    schema,
  })
  const { startMessageId: id, startMessageIdInclusive: inclusive = false } = options
  const start = { id, inclusive, strict: true }
  return { ...opening, settings: { ...opening.settings, start } }
}

const consumerSettings = <T>(options: ConsumerOptions<T>): ConsumerSettings<T> => {
  check(options)
  const redeliverAfterMs = options.nAckRedeliverTimeoutMs ?? 60_000
  const initialPosition = options.subscriptionInitialPosition ?? 'Latest'
  return {
    subscription: options.subscription,
    subscriptionType: options.subscriptionType ?? 'Exclusive',
    initialPosition,
    subscriptionProperties: options.subscriptionProperties ?? {},
    priorityLevel: options.priorityLevel,
    consumerName: options.consumerName,
    receiverQueueSize: options.receiverQueueSize ?? 1_000,
    receiverQueueSizeOfAll: options.receiverQueueSizeAcrossPartitions ?? 50_000,
    receiverQueueBytes: options.receiverQueueBytes ?? defaultQueueBytes,
    redeliverAfterMs: options.negativeAckRedeliveryBackoff ?? (() => redeliverAfterMs),
    ackTimeoutMs: options.ackTimeoutMs || undefined,
    ackReceipts: options.ackReceiptEnabled ?? true,
    ackGroupTimeMs: options.ackGroupTimeMs ?? 0,
    batchIndexAckEnabled: options.batchIndexAckEnabled ?? false,
    keySharedPolicy: options.keySharedPolicy,
    deadLetterPolicy: options.deadLetterPolicy,
    retryEnable: options.retryEnable ?? false,
    readCompacted: options.readCompacted ?? false,
    properties: options.properties ?? {},
    onActiveChange: options.onActiveChange,
    onReachedEndOfTopic: options.onReachedEndOfTopic,
    onUnreadable: options.onUnreadable,
    schema: options.schema,
    schemaInfo: undefined,
    createTopic: options.topicsPattern === undefined,
    start: options.subscriptionMode === 'NonDurable' ? startOf(initialPosition) : undefined,
  }
}

const startOf = (position: 'Latest' | 'Earliest'): Start => ({
  id: position === 'Earliest' ? earliest : latest,
  inclusive: false,
  strict: false,
})

const check = <T>(options: ConsumerOptions<T>): void => {
  const { subscriptionType = 'Exclusive', deadLetterPolicy, retryEnable, keySharedPolicy } = options
  const shares = subscriptionType === 'Shared' || subscriptionType === 'KeyShared'
  if (deadLetterPolicy && !shares)
    refuse('deadLetterPolicy is for Shared and KeyShared: redeliveries are not counted for others.')
  if (deadLetterPolicy && deadLetterPolicy.maxRedeliverCount < 1)
    refuse('maxRedeliverCount of a deadLetterPolicy is at least 1.')
  if (retryEnable && subscriptionType !== 'Shared')
    refuse('retryEnable is for Shared: other subscriptions deliver what is delayed at once.')
  if (options.readCompacted && shares)
    refuse('readCompacted is for Exclusive and Failover subscriptions.')
  const sticky = keySharedPolicy?.keyShareMode === 'Sticky'
  if (sticky && (keySharedPolicy.stickyRanges ?? []).length === 0)
    refuse('A Sticky keySharedPolicy needs stickyRanges.')
}

const refuse = (message: string): never => {
  throw new PulsarError('invalid-argument', message)
}
