import { Buffer } from 'node:buffer'
import type { MessageId } from '../message-id.ts'
import { schemaVersionNumber } from '../schema/schema-info.ts'
import type { ValueReader } from '../schema/value-reader.ts'
import type { MessageMetadata } from '../wire/metadata.ts'
import type { Properties } from '../wire/metadata-fields.ts'
import type { SingleMessageMetadata } from '../wire/single-metadata.ts'

/** Where a message came from: what its acknowledgement needs. */
export interface Origin {
  readonly topic: string
  readonly consumerId: number
  /** Counts subscribing again: an acknowledgement of an earlier session means nothing any more. */
  readonly session: number
  readonly redeliveryCount: number
  /** Of every chunk, when the message came in several; the last is the message's own. */
  readonly chunkIds: readonly MessageId[] | undefined
  /** Undefined for a consumer without a schema. */
  readonly values: ValueReader | undefined
}

const none: Properties = {}

/** What of a message its acknowledgement needs. */
export type Delivered = Pick<Message, 'id' | 'origin'>

/** A message received. Its bytes are its own, or shared with other messages of its batch only. */
export class Message<T = unknown> {
  readonly id: MessageId
  readonly origin: Origin
  readonly #data: Uint8Array
  readonly #entry: MessageMetadata
  readonly #single: SingleMessageMetadata | undefined

  constructor(
    id: MessageId,
    origin: Origin,
    data: Uint8Array,
    entry: MessageMetadata,
    single: SingleMessageMetadata | undefined,
  ) {
    this.id = id
    this.origin = origin
    this.#data = data
    this.#entry = entry
    this.#single = single
  }

  getData(): Uint8Array {
    return this.#data
  }

  /**
   * The value, made by the schema of the consumer from the schema version the message was written
   * with; the bytes for a consumer without a schema; undefined for a message that says it has none.
   * Rejects with `PulsarError` `unreadable-value`, or why the schema could not be had.
   */
  async getValue(): Promise<T> {
    const { values } = this.origin
    if (!values) return this.#data as T
    const { nullValue, partitionKey, partitionKeyBase64 } = this.#single ?? this.#entry
    if (nullValue) return undefined as T
    const key = partitionKeyBase64 ? Buffer.from(partitionKey ?? '', 'base64') : undefined
    return (await values.read(this.#entry.schemaVersion, { data: this.#data, key })) as T
  }

  /** The version of the schema it was written with, counted from 0; undefined without a schema. */
  getSchemaVersion(): number | undefined {
    const { schemaVersion } = this.#entry
    return schemaVersion?.length ? schemaVersionNumber(schemaVersion) : undefined
  }

  getMessageId(): MessageId {
    return this.id
  }

  getTopicName(): string {
    return this.origin.topic
  }

  getProperties(): Properties {
    return (this.#single ?? this.#entry).properties ?? none
  }

  /** Undefined for a message without a key. */
  getPartitionKey(): string | undefined {
    return (this.#single ?? this.#entry).partitionKey
  }

  /** Whether `getPartitionKey` is Base64 of a key that is bytes. */
  hasBase64EncodedKey(): boolean {
    return (this.#single ?? this.#entry).partitionKeyBase64 === true
  }

  getOrderingKey(): Uint8Array | undefined {
    return (this.#single ?? this.#entry).orderingKey
  }

  /** Milliseconds since 1970. */
  getPublishTimestamp(): number {
    return this.#entry.publishTime
  }

  /** Milliseconds since 1970; 0 when the producer gave none. */
  getEventTimestamp(): number {
    return (this.#single ?? this.#entry).eventTime ?? 0
  }

  /** Milliseconds since 1970; undefined when it was not delayed. */
  getDeliverAt(): number | undefined {
    return this.#entry.deliverAt
  }

  getProducerName(): string {
    return this.#entry.producerName
  }

  getSequenceId(): number {
    return this.#single?.sequenceId ?? this.#entry.sequenceId
  }

  /** Grows with negative acknowledgements in Shared and Key_Shared; a new session resets it. */
  getRedeliveryCount(): number {
    return this.origin.redeliveryCount
  }
}
