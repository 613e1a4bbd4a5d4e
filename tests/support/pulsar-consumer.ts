import type { PulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { pulsarAdmin } from '../../shared/pulsar/admin/admin.ts'
import { Client, type ClientOptions } from '../../shared/pulsar/client.ts'
import type { Consumer } from '../../shared/pulsar/consumer/consumer.ts'
import type { Message } from '../../shared/pulsar/consumer/message.ts'
import type { ProducerOptions } from '../../shared/pulsar/producer/options.ts'
import { newNamespace } from './pulsar-admin.ts'
import { testPulsar } from './pulsar.ts'
import { bytesOf } from '../../shared/pulsar/testing/real-setup.ts'

export const textOf = (message: Message) => new TextDecoder().decode(message.getData())

interface RealSetUp extends AsyncDisposable {
  readonly client: Client
  readonly admin: PulsarAdmin
  readonly serviceUrl: string
  /** `public/...`, of this test alone. */
  readonly namespace: string
  /** A topic in it, not there yet. */
  readonly topic: string
  /** Sends texts in one batch, or one entry each where `batchingEnabled` is false. */
  publish(texts: readonly string[], options?: Partial<ProducerOptions>): Promise<void>
}

/** A client and a topic of its own on the real Pulsar of this run. */
export const realSetUp = async (options: Partial<ClientOptions> = {}): Promise<RealSetUp> => {
  const { url, adminUrl } = await testPulsar()
  const admin = pulsarAdmin({ url: adminUrl })
  const namespace = await newNamespace(admin)
  const client = new Client({ serviceUrl: url, operationTimeoutSeconds: 20, ...options })
  const topic = `persistent://${namespace}/t`
  return {
    client,
    admin,
    serviceUrl: url,
    namespace,
    topic,
    publish: async (texts, more = {}) => {
      await using producer = await client.createProducer({ topic, ...more })
      await Promise.all(
        texts.map((text) => producer.send({ data: bytesOf(text), partitionKey: text })),
      )
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}

/** The texts of the next messages, in order of arrival; they stay unacknowledged. */
export const takeTexts = async (consumer: Consumer, count: number): Promise<readonly string[]> =>
  (await take(consumer, count)).map(textOf)

/** The next messages, in order of arrival. */
export const take = async (consumer: Consumer, count: number): Promise<readonly Message[]> => {
  const messages: Message[] = []
  while (messages.length < count) messages.push(await consumer.receive(15_000))
  return messages
}
