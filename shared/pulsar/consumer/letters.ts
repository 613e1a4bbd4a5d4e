import { formatMessageId } from '../message-id.ts'
import { withoutPartition } from '../lookup/topic-name.ts'
import type { ProducerMessage, ProducerOptions } from '../producer/options.ts'
import type { Producer } from '../producer/producer.ts'
import type { Properties } from '../wire/metadata-fields.ts'
import type { Message } from './message.ts'
import type { ConsumerSettings } from './settings.ts'

export type CreateProducer = (options: ProducerOptions) => Promise<Producer>

/** As many retries as the Java client makes when no dead-letter policy says how many. */
const defaultMaxReconsumeTimes = 16

/**
 * Messages sent on, as retry letters or dead letters, with the properties of the Java client. A
 * producer a topic, made when first needed.
 * Source: https://pulsar.apache.org/docs/concepts-messaging/#dead-letter-topic
 */
export class Letters {
  readonly #create: CreateProducer
  readonly #settings: ConsumerSettings
  readonly #firstTopic: string | undefined
  readonly #producers = new Map<string, Promise<Producer>>()

  /** @param firstTopic names the retry topic unless the policy does */
  constructor(create: CreateProducer, settings: ConsumerSettings, firstTopic: string | undefined) {
    this.#create = create
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
    await this.#send(topic, { ...copyOf(message), properties }, initialSubscriptionName)
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
    await this.#send(topic, { ...copyOf(message), properties, deliverAfter: delayMs }, undefined)
  }

  async close(): Promise<void> {
    const open = await Promise.allSettled(this.#producers.values())
    const producers = open.map((one) => (one.status === 'fulfilled' ? one.value : undefined))
    await Promise.all(producers.map((producer) => producer?.close()))
  }

  async #send(
    topic: string,
    message: ProducerMessage,
    initialSubscriptionName: string | undefined,
  ): Promise<void> {
    const producer = await this.#producerOf(topic, initialSubscriptionName)
    await producer.send(message)
  }

  #producerOf(topic: string, initialSubscriptionName: string | undefined): Promise<Producer> {
    const known = this.#producers.get(topic)
    if (known) return known
    // What is delayed must not share an entry, nor what readers tell apart by its key.
    const options = {
      topic,
      initialSubscriptionName,
      batchingEnabled: false,
      blockIfQueueFull: true,
    }
    const made = this.#create(options)
    this.#producers.set(topic, made)
    // Whoever sends hears of it, and the next one tries again.
    made.catch(() => this.#producers.delete(topic))
    return made
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

const copyOf = (message: Message): ProducerMessage => ({
  data: message.getData(),
  partitionKey: message.getPartitionKey(),
  partitionKeyBase64: message.hasBase64EncodedKey(),
  orderingKey: message.getOrderingKey(),
  eventTimestamp: message.getEventTimestamp() || undefined,
})
