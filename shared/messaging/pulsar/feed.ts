import type { Client } from '../../pulsar/client.ts'
import type { Message } from '../../pulsar/consumer/message.ts'
import type { ConsumerOptions } from '../../pulsar/consumer/options.ts'
import { PulsarError } from '../../pulsar/errors.ts'
import { earliest, latest } from '../../pulsar/message-id.ts'
import type { Consumer, SubscribeOptions } from '../port.ts'
import { placeOf } from './message-ids.ts'
import type { Part } from './topics.ts'

export type Position = Parameters<Consumer['seek']>[0]

/** What a feed tells whoever reads it. */
export interface FeedEvents {
  /** Whether a Failover consumer is the one that gets the messages now; only that one may work on them. */
  onActive(active: boolean): void
  onUnreadable(error: Error): void
}

/** The messages of one partition. */
export interface Feed {
  readonly part: Part
  readonly connected: boolean
  /** The next message; waits for it. Rejects with `PulsarError`. */
  next(): Promise<Message>
  acknowledge(message: Message): Promise<void>
  seek(position: Position): Promise<void>
  close(): Promise<void>
}

export interface FeedOptions extends SubscribeOptions {
  readonly consumerName: string
  /** Messages fetched ahead from this partition. */
  readonly fetchAhead: number
}

export type OpenFeed = (part: Part, options: FeedOptions, events: FeedEvents) => Promise<Feed>

const types = {
  Exclusive: 'Exclusive',
  Shared: 'Shared',
  Failover: 'Failover',
  Key_Shared: 'KeyShared',
} as const satisfies Record<SubscribeOptions['type'], ConsumerOptions['subscriptionType']>

/** Subscribes to one partition. Rejects with `PulsarError`. */
const openDurable = async (
  client: Client,
  part: Part,
  options: FeedOptions,
  events: FeedEvents,
): Promise<Feed> => {
  const consumer = await client.subscribe({
    topic: part.pulsarTopic,
    subscription: options.subscription,
    subscriptionType: types[options.type],
    subscriptionInitialPosition: options.from === 'latest' ? 'Latest' : 'Earliest',
    consumerName: options.consumerName,
    receiverQueueSize: options.fetchAhead,
    batchIndexAckEnabled: true,
    onActiveChange: (active) => events.onActive(active),
    onUnreadable: (error) => events.onUnreadable(error),
  })
  return {
    part,
    get connected() {
      return consumer.isConnected
    },
    next: () => consumer.receive(),
    acknowledge: (message) => consumer.acknowledge(message),
    async seek(position) {
      if (position === 'earliest') await consumer.seek(earliest)
      else if (position === 'latest') await consumer.seek(latest)
      else if ('time' in position) await consumer.seekTimestamp(position.time.getTime())
      else if (placeOf(position.id).partition === part.partition)
        await consumer.seek(placeOf(position.id).id)
    },
    close: () => consumer.close(),
  }
}

/** Reads one partition with a position that nobody stores. Rejects with `PulsarError`. */
const openTail = async (client: Client, part: Part, options: FeedOptions): Promise<Feed> => {
  const reader = await client.createReader({
    topic: part.pulsarTopic,
    startMessageId: options.from === 'latest' ? latest : earliest,
    receiverQueueSize: options.fetchAhead,
    readerName: options.consumerName,
  })
  return {
    part,
    connected: true,
    next: () => reader.readNext(),
    acknowledge: () => Promise.resolve(),
    seek: () =>
      Promise.reject(
        new PulsarError('not-allowed', 'A non-durable subscription cannot move; open a new one.'),
      ),
    close: () => reader.close(),
  }
}

export const feedsOf =
  (client: Client): OpenFeed =>
  (part, options, events) =>
    options.durable === false
      ? openTail(client, part, options)
      : openDurable(client, part, options, events)
