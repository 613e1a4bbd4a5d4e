import { Client } from '../client.ts'
import type { Consumer } from '../consumer/consumer.ts'
import type { ConsumerOptions } from '../consumer/options.ts'
import { ByteWriter } from '../wire/byte-writer.ts'
import { payloadFrame } from '../wire/frame-writer.ts'
import { encodeSingleMetadata } from '../wire/single-metadata.ts'
import { type FakeBroker, fakeBroker, type Script } from './fake-broker.ts'

const encoder = new TextEncoder()

interface Delivery {
  readonly texts: readonly string[]
  readonly entryId: number
  readonly redeliveryCount?: number
  readonly consumerEpoch?: number
  readonly ackSet?: readonly bigint[]
}

/** The frame a broker delivers an entry in; more than one text make a batch. */
export const delivery = (consumerId: number, what: Delivery): Uint8Array => {
  const { texts, entryId, redeliveryCount, consumerEpoch, ackSet } = what
  const metadata = { producerName: 'p', sequenceId: entryId, publishTime: 1 }
  const messageId = { ledgerId: 1, entryId }
  const command = { consumerId, messageId, redeliveryCount, consumerEpoch, ackSet }
  const [only = ''] = texts
  if (texts.length === 1) return payloadFrame('message', command, metadata, encoder.encode(only))
  const batched = { ...metadata, messagesInBatch: texts.length }
  return payloadFrame('message', command, batched, batchOf(texts))
}

const batchOf = (texts: readonly string[]): Uint8Array => {
  const body = new ByteWriter()
  for (const text of texts) {
    const data = encoder.encode(text)
    const size = body.length
    body.uint32be(0)
    encodeSingleMetadata(body, { payloadSize: data.length })
    body.setUint32be(size, body.length - size - 4)
    body.raw(data)
  }
  return body.finish()
}

/** Acknowledges as a broker does, and keeps nothing. */
const acknowledging: Script = {
  ack: (session, { consumerId, requestId }) =>
    session.tell('ackResponse', { consumerId, requestId }),
}

interface SetUp extends AsyncDisposable {
  readonly broker: FakeBroker
  readonly client: Client
  readonly consumer: Consumer
  /** Sends entries to the consumer. */
  deliver(...what: readonly Delivery[]): void
  /** The bodies of what the broker got of that type. */
  got<T = unknown>(type: string): readonly T[]
}

export const consumerSetUp = async (
  options: Partial<ConsumerOptions> = {},
  script: Script = {},
): Promise<SetUp> => {
  const broker = await fakeBroker({ ...acknowledging, ...script })
  const client = new Client({ serviceUrl: broker.url, operationTimeoutSeconds: 2 })
  const consumer = await client.subscribe({
    topic: 't',
    subscription: 's',
    subscriptionType: 'Shared',
    ...options,
  })
  if (options.receiverQueueSize !== 0)
    await broker.until(() => broker.received.some(({ type }) => type === 'flow'))
  return {
    broker,
    client,
    consumer,
    deliver: (...what) => {
      for (const session of broker.sessions) for (const one of what) session.write(delivery(1, one))
    },
    got: <T>(type: string) =>
      broker.received.filter((command) => command.type === type).map(({ body }) => body as T),
    [Symbol.asyncDispose]: async () => {
      const closing = client.close()
      await broker[Symbol.asyncDispose]()
      await closing
    },
  }
}
