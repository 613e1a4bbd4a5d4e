import type { Connection } from '../connection/connection.ts'
import type { ConsumerEvents } from '../connection/residents.ts'
import { asPulsarError, type PulsarError } from '../errors.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'
import { connectionFor } from '../lookup/topic-lookup.ts'
import type { MessageId } from '../message-id.ts'
import { type ConsumerSettings, subscriptionTypes } from './options.ts'

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
  durable: settings.reader === undefined,
  startMessageId: start && {
    ledgerId: start.ledgerId,
    entryId: start.entryId,
    batchIndex: start.batchIndex,
  },
  metadata: Object.entries(settings.properties).map(([key, value]) => ({ key, value })),
  initialPosition: settings.initialPosition === 'Earliest' ? 1 : 0,
  keySharedMeta: keyShared(settings),
  consumerEpoch,
})

const keyShared = ({ subscriptionType, stickyRanges }: ConsumerSettings) => {
  if (subscriptionType !== 'KeyShared') return undefined
  return stickyRanges ? { keySharedMode: 1, hashRanges: stickyRanges } : { keySharedMode: 0 }
}

const leaveQuietly = (connection: Connection, consumerId: number) => {
  connection.leave('closeConsumer', { consumerId }).catch(() => undefined)
}
