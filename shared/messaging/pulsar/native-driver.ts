import { Client } from '../../pulsar/client.ts'
import { AuthenticationToken } from '../../pulsar/connection/authentication.ts'
import type { Consumer } from '../../pulsar/consumer/consumer.ts'
import type { Message } from '../../pulsar/consumer/message.ts'
import type { ConsumerOptions } from '../../pulsar/consumer/options.ts'
import { earliest, latest } from '../../pulsar/message-id.ts'
import { Schema } from '../../pulsar/schema/schema.ts'
import type { SubscribeOptions } from '../port.ts'
import type {
  Feed,
  FeedEvents,
  FeedOptions,
  Position,
  ProducerWish,
  PulsarDriver,
  TopicSchema,
} from './driver.ts'
import { concerns, placeOf } from './message-ids.ts'
import type { Part } from './topics.ts'

export interface DriverAccess {
  readonly serviceUrl: string
  readonly token?: string | (() => Promise<string>)
  readonly tlsCa?: string
}

/** A client with the access that the broker has. Connects when first used. */
export const clientOf = ({ serviceUrl, token, tlsCa }: DriverAccess): Client =>
  new Client({
    serviceUrl,
    authentication: token === undefined ? undefined : new AuthenticationToken({ token }),
    tlsTrustCerts: tlsCa,
    operationTimeoutSeconds: 10,
    // Each partition has its own producers and consumers here, and their number is fixed.
    partitionsUpdateIntervalSeconds: 0,
  })

/** Our own client. */
export const nativeDriver = (access: DriverAccess): PulsarDriver<Message> => {
  const client = clientOf(access)
  return {
    name: 'pulsar',
    // Otherwise a topic that is missing would be made here, without partitions.
    partitions: (topic) =>
      client.getPartitionsForTopic(topic, { metadataAutoCreationEnabled: false }),
    createProducer: (wish) => client.createProducer(producerOptions(wish)),
    subscribe: async (part, options, events) => {
      const consumer = await client.subscribe(consumerOptions(part, options, events))
      return feedOf(part, consumer, options)
    },
    close: () => client.close(),
  }
}

const producerOptions = (wish: ProducerWish) =>
  ({
    topic: wish.part.pulsarTopic,
    schema: schemaOf(wish.schema),
    accessMode: wish.fenced ? 'ExclusiveWithFencing' : 'Shared',
    batchingType: wish.keyBatches ? 'KeyBasedBatching' : 'DefaultBatching',
    sendTimeoutMs: wish.sendTimeoutMs,
    maxPendingMessages: 100_000,
    onFenced: () => wish.onFenced(),
  }) as const

const schemaOf = (schema: TopicSchema | undefined) => {
  if (!schema) return undefined
  const { type, definition } = schema
  return type === 'AVRO' ? Schema.avro<Uint8Array>(definition) : Schema.json<Uint8Array>(definition)
}

const types = {
  Exclusive: 'Exclusive',
  Shared: 'Shared',
  Failover: 'Failover',
  Key_Shared: 'KeyShared',
} as const satisfies Record<SubscribeOptions['type'], ConsumerOptions['subscriptionType']>

const consumerOptions = (
  part: Part,
  options: FeedOptions,
  events: FeedEvents,
): ConsumerOptions => ({
  ...subscriptionOf(options),
  topic: part.pulsarTopic,
  subscriptionInitialPosition: options.from === 'latest' ? 'Latest' : 'Earliest',
  consumerName: options.consumerName,
  receiverQueueSize: options.fetchAhead,
  receiverQueueBytes: options.fetchAheadBytes,
  batchIndexAckEnabled: true,
  onActiveChange: (active) => events.onActive(active),
  onUnreadable: (error) => events.onUnreadable(error),
})

/** Everybody who reads without a position that is kept gets everything. */
const subscriptionOf = ({ durable, subscription, consumerName, type }: FeedOptions) =>
  durable === false
    ? { subscription: consumerName, subscriptionMode: 'NonDurable' as const }
    : { subscription, subscriptionType: types[type] }

const feedOf = (part: Part, consumer: Consumer, { durable }: FeedOptions): Feed<Message> => {
  const session = () => consumer.parts.all[0]?.session ?? 0
  // The first message of the new place may come before the answer. So may others of the old one: a
  // partition that was away comes back to it first.
  let seeking: { readonly from: number; crossed: number; readonly forget: () => void } | undefined
  const cross = (now: number) => {
    if (!seeking || seeking.crossed === now) return
    seeking.crossed = now
    seeking.forget()
  }
  return {
    part,
    get connected() {
      return consumer.isConnected
    },
    async next() {
      const message = await consumer.receive()
      const { session: its } = message.origin
      if (seeking && its > seeking.from) cross(its)
      return message
    },
    acknowledge: (message) => consumer.acknowledge(message),
    async seek(position, forget) {
      if (!concerns(part, position)) return
      seeking = { from: session(), crossed: -1, forget }
      try {
        await seek(consumer, position)
        cross(session())
      } finally {
        seeking = undefined
      }
    },
    ...(durable === false ? { lastAhead: async () => (await consumer.parts.lastAhead())[0] } : {}),
    close: () => consumer.close(),
  }
}

const seek = (consumer: Consumer, position: Position): Promise<void> => {
  if (position === 'earliest') return consumer.seek(earliest)
  if (position === 'latest') return consumer.seek(latest)
  if ('time' in position) return consumer.seekTimestamp(position.time.getTime())
  return consumer.seek(placeOf(position.id).id)
}
