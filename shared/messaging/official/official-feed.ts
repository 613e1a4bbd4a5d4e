import { messageId, type MessageId } from '../../pulsar/message-id.ts'
import type { Delivery, Feed, FeedOptions, Position } from '../pulsar/driver.ts'
import { concerns, placeOf } from '../pulsar/message-ids.ts'
import type { Part } from '../pulsar/topics.ts'
import type { Addon, AddonClient, AddonMessage, AddonMessageId } from './addon.ts'
import { Inbox } from './inbox.ts'
import { told } from './results.ts'

export interface OfficialDelivery extends Delivery {
  readonly raw: AddonMessage
}

/** Reads one partition with a listener: the addon's timed `receive` and `readNext` hold a thread each. */
export const officialFeed = async (
  addon: Addon,
  client: AddonClient,
  part: Part,
  options: FeedOptions & { readonly leave: () => Promise<void> },
): Promise<Feed<OfficialDelivery>> => {
  const inbox = new Inbox<OfficialDelivery>(options.fetchAhead)
  const listening = {
    topic: part.pulsarTopic,
    receiverQueueSize: options.fetchAhead,
    listener: (message: AddonMessage) => inbox.deliver(delivery(message)),
  }
  const open = options.durable === false ? openReader : openConsumer
  const opened = await told(open(addon, client, listening, options))
  return {
    part,
    get connected() {
      return opened.isConnected()
    },
    next: () => inbox.next(),
    acknowledge: async ({ raw }) => void (await told(opened.acknowledge(raw))),
    async seek(position, forget) {
      if (!concerns(part, position)) return
      // Before, because the first messages of the new place may overtake the answer: what still comes
      // of the old one is handed out once more, which is better than to lose some.
      inbox.clear()
      forget()
      await told(seek(addon, opened, position))
    },
    async close() {
      inbox.close()
      await told(opened.close())
      await options.leave()
    },
  }
}

type Listening = Readonly<Record<'topic' | 'receiverQueueSize' | 'listener', unknown>>
type Opened = Awaited<ReturnType<AddonClient['subscribe']>>

const types = {
  Exclusive: 'Exclusive',
  Shared: 'Shared',
  Failover: 'Failover',
  Key_Shared: 'KeyShared',
} as const

const openConsumer = (
  _: Addon,
  client: AddonClient,
  listening: Listening,
  { subscription, type, from, consumerName }: FeedOptions,
): Promise<Opened> =>
  client.subscribe({
    ...listening,
    subscription,
    subscriptionType: types[type],
    subscriptionInitialPosition: from === 'latest' ? 'Latest' : 'Earliest',
    consumerName,
    batchIndexAckEnabled: true,
  })

const openReader = async (
  { MessageId: ids }: Addon,
  client: AddonClient,
  listening: Listening,
  { from, consumerName }: FeedOptions,
): Promise<Opened> => {
  const startMessageId = from === 'latest' ? ids.latest() : ids.earliest()
  const reader = await client.createReader({
    ...listening,
    startMessageId,
    readerName: consumerName,
  })
  return {
    isConnected: () => reader.isConnected(),
    acknowledge: () => Promise.resolve(),
    seek: (id) => reader.seek(id),
    seekTimestamp: (timestamp) => reader.seekTimestamp(timestamp),
    close: () => reader.close(),
  }
}

const seek = ({ MessageId: ids }: Addon, opened: Opened, position: Position): Promise<unknown> => {
  if (position === 'earliest') return opened.seek(ids.earliest())
  if (position === 'latest') return opened.seek(ids.latest())
  if ('time' in position) return opened.seekTimestamp(position.time.getTime())
  return opened.seek(ids.deserialize(serialized(placeOf(position.id).id)))
}

/**
 * `MessageIdData` of PulsarApi.proto: ledgerId = 1, entryId = 2, batch_index = 4. To seek by an entry
 * includes it, while within a batch what follows the index given comes next.
 */
const serialized = ({ ledgerId, entryId, batchIndex }: MessageId): Buffer =>
  Buffer.from([
    0x08,
    ...varint(ledgerId),
    0x10,
    ...varint(entryId),
    ...(batchIndex <= 0 ? [] : [0x20, ...varint(batchIndex - 1)]),
  ])

const varint = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))]

/** Reads what `toString` of the addon's ids wrote. */
export const idOf = (id: AddonMessageId): MessageId => {
  const [ledgerId = -1, entryId = -1, partition = -1, batchIndex = -1] = id
    .toString()
    .replaceAll(/[()]/g, '')
    .split(',')
    .map(Number)
  return messageId({ ledgerId, entryId, partition, batchIndex })
}

const delivery = (raw: AddonMessage): OfficialDelivery => ({
  raw,
  getMessageId: () => idOf(raw.getMessageId()),
  getData: () => raw.getData(),
  getPartitionKey: () => raw.getPartitionKey(),
  // The addon answers an array that has the properties as fields.
  getProperties: () => ({ ...raw.getProperties() }),
  getPublishTimestamp: () => raw.getPublishTimestamp(),
  getEventTimestamp: () => raw.getEventTimestamp(),
  getDeliverAt: () => undefined,
  getRedeliveryCount: () => raw.getRedeliveryCount(),
})
