import type { PulsarAdmin } from '../../pulsar/admin/admin.ts'
import { PulsarAdminError } from '../../pulsar/admin/errors.ts'
import { PulsarError } from '../../pulsar/errors.ts'
import type { ProducerMessage } from '../../pulsar/producer/options.ts'
import type { DriverProducer, ProducerWish, PulsarDriver } from '../pulsar/driver.ts'
import type { Addon, AddonClient } from './addon.ts'
import { idOf, type OfficialDelivery, officialFeed } from './official-feed.ts'
import { asPulsarError, told } from './results.ts'

export interface OfficialAccess {
  readonly serviceUrl: string
  readonly token?: string | (() => Promise<string>)
  /** The path of a file: the addon takes no text. */
  readonly tlsCaFile?: string
}

/** The official client, from the addon. Connects when first used. */
export const officialDriver = (
  addon: Addon,
  access: OfficialAccess,
  admin: PulsarAdmin,
): PulsarDriver<OfficialDelivery> => {
  const connect = () => new addon.Client(clientConfig(addon, access))
  const client = connect()
  const listeners = clientsByConsumer(connect)
  return {
    name: 'official',
    async partitions(topic) {
      await exists(admin, topic)
      return told(client.getPartitionsForTopic(topic))
    },
    createProducer: async (wish) => producerOf(client, wish),
    async subscribe(part, options) {
      const { client: own, leave } = listeners.join(options.consumerName)
      try {
        return await officialFeed(addon, own, part, { ...options, leave })
      } catch (error) {
        await leave()
        throw error
      }
    },
    close: async () => void (await told(client.close())),
  }
}

/**
 * A client for the feeds of each consumer, closed with the last of them: a listener that waits for
 * room holds the thread of its client, which other consumers must not wait for.
 */
const clientsByConsumer = (connect: () => AddonClient) => {
  const open = new Map<string, { readonly client: AddonClient; feeds: number }>()
  return {
    join(name: string) {
      const shared = open.get(name) ?? { client: connect(), feeds: 0 }
      open.set(name, shared)
      shared.feeds++
      const leave = async () => {
        shared.feeds--
        if (shared.feeds > 0) return
        open.delete(name)
        await told(shared.client.close())
      }
      return { client: shared.client, leave }
    },
  }
}

const clientConfig = (addon: Addon, { serviceUrl, token, tlsCaFile }: OfficialAccess) => ({
  serviceUrl,
  operationTimeoutSeconds: 10,
  ...(token === undefined ? {} : { authentication: new addon.AuthenticationToken({ token }) }),
  ...(tlsCaFile === undefined ? {} : { tlsTrustCertsFilePath: tlsCaFile }),
  // It would write to the standard output; what matters comes as errors.
  log: () => undefined,
})

/** The addon answers the same for a topic without partitions and for one that is not there. */
const exists = async (admin: PulsarAdmin, topic: string): Promise<void> => {
  try {
    await admin.topics.partitions(topic)
  } catch (error) {
    if (error instanceof PulsarAdminError && error.kind === 'not-found')
      throw new PulsarError('topic-not-found', error.message, { cause: error })
    throw error
  }
}

const producerOf = async (client: AddonClient, wish: ProducerWish): Promise<DriverProducer> => {
  const producer = await told(client.createProducer(producerConfig(wish)))
  return {
    async send(message) {
      try {
        return { messageId: idOf(await producer.send(outgoing(message))) }
      } catch (thrown) {
        const error = asPulsarError(thrown)
        if (error.code === 'producer-fenced') wish.onFenced()
        throw error
      }
    },
    close: async () => void (await told(producer.close())),
  }
}

const producerConfig = ({ part, fenced, keyBatches, schema, sendTimeoutMs }: ProducerWish) => ({
  topic: part.pulsarTopic,
  accessMode: fenced ? 'ExclusiveWithFencing' : 'Shared',
  batchingEnabled: true,
  batchingType: keyBatches ? 'KeyBasedBatching' : 'DefaultBatching',
  batchingMaxPublishDelayMs: 1,
  sendTimeoutMs,
  maxPendingMessages: 100_000,
  ...(schema
    ? {
        schema: {
          schemaType: schema.type === 'AVRO' ? 'Avro' : 'Json',
          name: schema.type,
          schema: schema.definition,
        },
      }
    : {}),
})

const outgoing = ({ data, partitionKey, properties, ...rest }: ProducerMessage) => ({
  data: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  partitionKey,
  properties: { ...properties },
  ...(rest.eventTimestamp === undefined ? {} : { eventTimestamp: rest.eventTimestamp }),
  ...(rest.deliverAt === undefined ? {} : { deliverAt: rest.deliverAt }),
})
