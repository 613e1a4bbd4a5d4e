import type { Client } from '../../pulsar/client.ts'
import type { Message } from '../../pulsar/consumer/message.ts'
import type { ConsumerOptions } from '../../pulsar/consumer/options.ts'
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

/** Everybody who reads without a position that is kept gets everything. */
const subscriptionOf = ({ durable, subscription, consumerName, type }: FeedOptions) =>
  durable === false
    ? { subscription: consumerName, subscriptionMode: 'NonDurable' as const }
    : { subscription, subscriptionType: types[type] }

/** Subscribes to one partition. Rejects with `PulsarError`. */
export const openFeed = async (
  client: Client,
  part: Part,
  options: FeedOptions,
  events: FeedEvents,
): Promise<Feed> => {
  const consumer = await client.subscribe({
    ...subscriptionOf(options),
    topic: part.pulsarTopic,
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
