import type { Connection } from '../connection/connection.ts'
import type { ProducerEvents } from '../connection/residents.ts'
import { asPulsarError, type PulsarError } from '../errors.ts'
import type { ConnectionPool } from '../lookup/connection-pool.ts'
import { connectionFor } from '../lookup/topic-lookup.ts'
import { toWire } from '../schema/schema-info.ts'
import type { Body } from '../wire/commands.ts'
import type { ProducerAccessMode, ProducerSettings } from './options.ts'

/** Numbers of `ProducerAccessMode` in PulsarApi.proto. */
const accessModes: Readonly<Record<ProducerAccessMode, number>> = {
  Shared: 0,
  Exclusive: 1,
  WaitForExclusive: 2,
  ExclusiveWithFencing: 3,
}

/** Who a producer is to the broker, from one connection to the next. */
export interface ProducerIdentity {
  readonly topic: string
  readonly producerId: number
  name: string | undefined
  /** Counts how often it was created, so that the broker knows the newest. */
  epoch: number
  topicEpoch: number | undefined
}

export interface Attachment {
  readonly connection: Connection
  readonly success: Body<'producerSuccess'>
}

export interface AttachHow {
  readonly settings: ProducerSettings
  /** How long the broker may take for each answer. */
  readonly answerMs: number
}

/**
 * Creates the producer at the broker that owns the topic now. `events` are heard from then on, and
 * not at all when this throws.
 * @throws PulsarError `producer-fenced`, `producer-busy` and others as the broker answers
 */
export const attachProducer = async (
  pool: ConnectionPool,
  identity: ProducerIdentity,
  { settings, answerMs }: AttachHow,
  events: ProducerEvents,
): Promise<Attachment> => {
  const { topic, producerId } = identity
  const connection = await connectionFor(pool, topic, answerMs)
  let attached = false
  let fail = (_gone: PulsarError): void => undefined
  const gone = new Promise<never>((_, reject) => (fail = reject))
  connection.residents.addProducer(producerId, {
    ...events,
    onClosed: (reason) => (attached ? events.onClosed(reason) : fail(reason)),
  })
  try {
    const request = requestOf(identity, settings)
    const asked = connection.request('producer', request, 'producerSuccess', answerMs)
    // Whoever waits for exclusive access may be sent away before it is answered.
    const success = await Promise.race([asked, gone])
    identity.name = success.producerName
    identity.epoch++
    identity.topicEpoch = success.topicEpoch
    attached = true
    return { connection, success }
  } catch (thrown) {
    connection.residents.removeProducer(producerId)
    const error = asPulsarError(thrown)
    // The broker may have made it after all: without this its name would stay taken.
    if (error.code === 'timeout') closeQuietly(connection, producerId)
    throw error
  }
}

const requestOf = (identity: ProducerIdentity, settings: ProducerSettings) => ({
  topic: identity.topic,
  producerId: identity.producerId,
  producerName: identity.name,
  userProvidedProducerName: settings.producerName !== undefined,
  schema: settings.schemaInfo && toWire(settings.schemaInfo),
  epoch: identity.epoch,
  topicEpoch: identity.topicEpoch,
  producerAccessMode: accessModes[settings.accessMode ?? 'Shared'],
  initialSubscriptionName: settings.initialSubscriptionName,
  metadata: Object.entries(settings.properties ?? {}).map(([key, value]) => ({ key, value })),
})

const closeQuietly = (connection: Connection, producerId: number) => {
  detachProducer(connection, producerId).catch(() => undefined)
}

/** Gives the producer up at the broker; nothing of it is heard any more. */
export const detachProducer = async (
  connection: Connection,
  producerId: number,
  answerMs?: number,
): Promise<void> => {
  connection.residents.removeProducer(producerId)
  await connection.leave('closeProducer', { producerId }, answerMs)
}
