import type { SchemaInfo } from './schema-info.ts'

/** What of a value travels in a message. */
export interface Payload {
  readonly data: Uint8Array
  /** The key of a key-value pair when it travels as the key of the message. */
  readonly key: Uint8Array | undefined
}

export type Decode<T> = (payload: Payload) => T

/** A schema made ready for one topic. */
export interface Codec<T> {
  /** What the broker registers with the topic; undefined for bytes and auto-consume: nothing. */
  readonly info: SchemaInfo | undefined
  /** @throws PulsarError `invalid-argument` naming what in the value does not fit */
  encode(value: T): Payload
  /**
   * Makes the decoder of what was written with `writer`, or with this schema when it is undefined.
   * The decoder throws `PulsarError` `unreadable-value` for bytes that are no such value.
   */
  decoderFor(writer: SchemaInfo | undefined): Promise<Decode<T>>
}

/** How the values of a topic are written as bytes; `Schema.avro(...)` and others make one. */
export interface Schema<T> {
  /**
   * Loads what it needs.
   * @param ofTopic the newest schema registered with the topic; undefined without any
   */
  open(ofTopic: () => Promise<SchemaInfo | undefined>): Promise<Codec<T>>
}
