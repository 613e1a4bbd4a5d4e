import type { Connection } from '../connection/connection.ts'
import type { ConsumerEvents } from '../connection/residents.ts'
import { asPulsarError, type PulsarError } from '../errors.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'
import { connectionFor } from '../lookup/topic-lookup.ts'
import { latest, type MessageId, messageId } from '../message-id.ts'
import { toWire } from '../schema/schema-info.ts'
import type { Properties } from '../wire/metadata-fields.ts'
import { type ConsumerSettings, subscriptionTypes } from './settings.ts'

export interface Subscription {
  readonly pool: ConnectionPool
  readonly topic: string
  readonly consumerId: number
  readonly settings: ConsumerSettings
}

/**
 * Subscribes at the broker that owns the topic now. `events` are heard from then on, and not at all
 * when this throws.
 * @param start where a reader begins; `answerMs`: how long each answer may take
 * @throws PulsarError `consumer-busy` and others as the broker answers
 */
export const subscribe = async (
  subscription: Subscription & { readonly answerMs: number },
  start: MessageId | undefined,
  epoch: number,
  events: ConsumerEvents,
): Promise<Connection> => {
  const { pool, topic, consumerId, answerMs } = subscription
  const connection = await connectionFor(pool, topic, answerMs)
  let gone: PulsarError | undefined
  let subscribed = false
  connection.residents.addConsumer(consumerId, {
    ...events,
    onClosed: (reason) => {
      gone = reason
      if (subscribed) events.onClosed(reason)
    },
  })
  try {
    const request = requestOf(subscription, start, epoch)
    await connection.request('subscribe', request, 'success', answerMs)
    if (gone) throw gone
    subscribed = true
    return connection
  } catch (thrown) {
    connection.residents.removeConsumer(consumerId)
    const error = asPulsarError(thrown)
    // The broker may have subscribed it after all: without this it would hold messages.
    if (error.code === 'timeout') leaveQuietly(connection, consumerId)
    throw error
  }
}

const requestOf = (
  { topic, consumerId, settings }: Subscription,
  start: MessageId | undefined,
  consumerEpoch: number,
) => ({
  topic,
  subscription: settings.subscription,
  subType: subscriptionTypes[settings.subscriptionType],
  consumerId,
  consumerName: settings.consumerName,
  priorityLevel: settings.priorityLevel,
  durable: settings.start === undefined,
  startMessageId: start && {
    ledgerId: start.ledgerId,
    entryId: start.entryId,
    batchIndex: start.batchIndex,
  },
  metadata: pairs(settings.properties),
  readCompacted: settings.readCompacted,
  schema: settings.schemaInfo && toWire(settings.schemaInfo),
  initialPosition: settings.initialPosition === 'Earliest' ? 1 : 0,
  forceTopicCreation: settings.createTopic,
  keySharedMeta: keyShared(settings),
  subscriptionProperties: pairs(settings.subscriptionProperties),
  consumerEpoch,
})

const pairs = (properties: Properties) =>
  Object.entries(properties).map(([key, value]) => ({ key, value }))

/** Numbers of `KeySharedMode` in PulsarApi.proto. */
const keySharedModes = { AutoSplit: 0, Sticky: 1 }

const keyShared = ({ subscriptionType, keySharedPolicy: policy }: ConsumerSettings) => {
  if (subscriptionType !== 'KeyShared') return undefined
  const keySharedMode = keySharedModes[policy?.keyShareMode ?? 'AutoSplit']
  return {
    keySharedMode,
    hashRanges: keySharedMode === keySharedModes.Sticky ? policy?.stickyRanges : undefined,
    allowOutOfOrderDelivery: policy?.allowOutOfOrderDelivery,
  }
}

const leaveQuietly = (connection: Connection, consumerId: number) => {
  connection.leave('closeConsumer', { consumerId }).catch(() => undefined)
}

export interface TopicEnd {
  /** The last message stored; its ids are -1 while the topic is empty. */
  readonly last: MessageId
  /** The entry up to which the subscription wants nothing any more, from brokers that tell. */
  readonly passed: MessageId | undefined
}

/** How far a topic is. The consumer must be subscribed. */
export const topicEnd = async (
  connection: Connection,
  { consumerId, partition }: { readonly consumerId: number; readonly partition: number },
): Promise<TopicEnd> => {
  const reply = 'getLastMessageIdResponse'
  const { lastMessageId: last, markDeletePosition: passed } = await connection.request(
    'getLastMessageId',
    { consumerId },
    reply,
  )
  const { ledgerId, entryId, batchIndex = -1, batchSize = 0 } = last
  return {
    last: messageId({ ledgerId, entryId, partition, batchIndex, batchSize }),
    passed: passed && messageId({ ledgerId: passed.ledgerId, entryId: passed.entryId }),
  }
}

/** What `latest` is now; the broker tells subscribed ones only, so this subscribes and leaves again. */
export const latestNow = async (
  subscription: Subscription & { readonly answerMs: number },
  partition: number,
): Promise<MessageId> => {
  const connection = await subscribe(subscription, latest, 0, deaf)
  const { consumerId } = subscription
  try {
    return (await topicEnd(connection, { consumerId, partition })).last
  } finally {
    connection.residents.removeConsumer(consumerId)
    await connection.leave('closeConsumer', { consumerId })
  }
}

const deaf: ConsumerEvents = {
  onMessage: () => undefined,
  onActiveChange: () => undefined,
  onEndOfTopic: () => undefined,
  onClosed: () => undefined,
}

/** Resolves when `work` has, and at the latest after `ms`. */
export const settled = async (work: Promise<unknown>, ms: number): Promise<void> => {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ms)
  try {
    await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
