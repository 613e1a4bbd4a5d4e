import { PulsarError } from '../errors.ts'
import { formatMessageId } from '../message-id.ts'
import { withoutPartition } from '../lookup/topic-name.ts'
import type { ProducerMessage, ProducerOptions } from '../producer/options.ts'
import type { Producer } from '../producer/producer.ts'
import type { SchemaInfo } from '../schema/schema-info.ts'
import { writtenSchema } from '../schema/simple.ts'
import type { Properties } from '../wire/metadata-fields.ts'
import type { Message } from './message.ts'
import type { ConsumerSettings } from './settings.ts'

/** Gives a version of a topic's schema. */
export type SchemaOf = (topic: string, version: number) => Promise<SchemaInfo>

export type CreateProducer = (options: ProducerOptions) => Promise<Producer>

/** As many retries as the Java client makes when no dead-letter policy says how many. */
const defaultMaxReconsumeTimes = 16

/**
 * Messages sent on, as retry letters or dead letters, with the properties of the Java client. A
 * producer a topic and schema version, made when first needed.
 * Source: https://pulsar.apache.org/docs/concepts-messaging/#dead-letter-topic
 */
export class Letters {
  readonly #create: CreateProducer
  readonly #schemaOf: SchemaOf
  readonly #settings: ConsumerSettings
  readonly #firstTopic: string | undefined
  readonly #producers = new Map<string, Promise<Producer>>()

  /** @param firstTopic names the retry topic unless the policy does */
  constructor(
    { createProducer, schemaOf }: { createProducer: CreateProducer; schemaOf: SchemaOf },
    settings: ConsumerSettings,
    firstTopic: string | undefined,
  ) {
    this.#create = createProducer
    this.#schemaOf = schemaOf
    this.#settings = settings
    this.#firstTopic = firstTopic
  }

  /** The topic of retry letters; undefined without any. */
  get retryTopic(): string | undefined {
    const { retryEnable, deadLetterPolicy, subscription } = this.#settings
    if (!retryEnable) return undefined
    return deadLetterPolicy?.retryLetterTopic ?? `${this.#firstTopic}-${subscription}-RETRY`
  }

  /** Resolves when the dead letter is stored. Rejects as `Producer.send`. */
  async bury(message: Message, properties = this.#properties(message)): Promise<void> {
    const { deadLetterPolicy, subscription } = this.#settings
    const from = withoutPartition(properties['REAL_TOPIC'] ?? message.getTopicName())
    const topic = deadLetterPolicy?.deadLetterTopic ?? `${from}-${subscription}-DLQ`
    const { initialSubscriptionName } = deadLetterPolicy ?? {}
    const copy = { ...copyOf(message), properties }
    await this.#send(message, copy, { topic, initialSubscriptionName })
  }

  /** Resolves when the message is stored to come again, or as a dead letter when it did too often. */
  async putOff(message: Message, topic: string, delayMs: number): Promise<void> {
    const { maxRedeliverCount = defaultMaxReconsumeTimes } = this.#settings.deadLetterPolicy ?? {}
    const times = Number(message.getProperties()['RECONSUMETIMES'] ?? 0) + 1
    const properties = {
      ...this.#properties(message),
      RECONSUMETIMES: String(times),
      DELAY_TIME: String(delayMs),
    }
    if (times > maxRedeliverCount) return this.bury(message, properties)
    const copy = { ...copyOf(message), properties, deliverAfter: delayMs }
    await this.#send(message, copy, { topic })
  }

  async close(): Promise<void> {
    const open = await Promise.allSettled(this.#producers.values())
    const producers = open.map((one) => (one.status === 'fulfilled' ? one.value : undefined))
    await Promise.all(producers.map((producer) => producer?.close()))
  }

  async #send(message: Message, copy: ProducerMessage, options: ProducerOptions): Promise<void> {
    const producer = await this.#producerOf(message, options)
    await producer.send(copy)
  }

  #producerOf(message: Message, options: ProducerOptions): Promise<Producer> {
    const version = message.getSchemaVersion()
    const from = withoutPartition(message.getTopicName())
    const key = version === undefined ? options.topic : `${options.topic} ${from} ${version}`
    const known = this.#producers.get(key)
    if (known) return known
    const made =
      version === undefined ? this.#make(options) : this.#makeTyped(options, from, version)
    this.#producers.set(key, made)
    // Whoever sends hears of it, and the next one tries again.
    made.catch(() => this.#producers.delete(key))
    return made
  }

  /** Read by another schema than it was written with, a letter would be another message. */
  async #makeTyped(options: ProducerOptions, from: string, version: number): Promise<Producer> {
    try {
      const schema = writtenSchema(await this.#schemaOf(from, version))
      return await this.#make({ ...options, schema })
    } catch (thrown) {
      // The schema was deleted, or the topic of the letters has another: better so than lost.
      const noSchema = thrown instanceof PulsarError && withoutSchema.has(thrown.code)
      if (!noSchema) throw thrown
      return this.#make(options)
    }
  }

  #make(options: ProducerOptions): Promise<Producer> {
    // What is delayed must not share an entry, nor what readers tell apart by its key.
    return this.#create({ ...options, batchingEnabled: false, blockIfQueueFull: true })
  }

  #properties(message: Message): Properties {
    return {
      REAL_TOPIC: message.getTopicName(),
      ORIGIN_MESSAGE_ID: formatMessageId(message.id),
      // Of a message that came as a letter, its first topic and id stay.
      ...message.getProperties(),
    }
  }
}

const withoutSchema: ReadonlySet<string> = new Set(['topic-not-found', 'incompatible-schema'])

const copyOf = (message: Message): ProducerMessage => ({
  data: message.getData(),
  partitionKey: message.getPartitionKey(),
  partitionKeyBase64: message.hasBase64EncodedKey(),
  orderingKey: message.getOrderingKey(),
  eventTimestamp: message.getEventTimestamp() || undefined,
})
