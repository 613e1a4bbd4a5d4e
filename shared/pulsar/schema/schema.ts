import { autoConsumeSchema, autoProduceSchema } from './auto.ts'
import { avroSchema } from './avro.ts'
import type { Schema as SchemaOf } from './codec.ts'
import { type KeyValue, type KeyValueEncoding, keyValueSchema } from './key-value.ts'
import { bytesSchema, type Definition, jsonSchema, stringSchema } from './simple.ts'

export type Schema<T> = SchemaOf<T>
export type { KeyValue, KeyValueEncoding } from './key-value.ts'

/** The schemas of producers and consumers. */
export const Schema = {
  /** Bytes as they are; nothing is registered. */
  bytes: (): Schema<Uint8Array> => bytesSchema(),

  /** Text in UTF-8. */
  string: (): Schema<string> => stringSchema(),

  /**
   * JSON text. The broker compares `definition`, an Avro schema, with what the topic has; values are not
   * checked against it.
   */
  json: <T = unknown>(definition: Definition): Schema<T> => jsonSchema<T>(definition),

  /**
   * Avro. Needs the package avsc: without it, creating a producer or consumer fails with
   * `missing-package`. Messages of older and newer versions are read by the rules of Avro's schema
   * resolution, whatever their outermost record is called. A value of a union that has more than one
   * type of the same kind beside null is written `{ "type name": value }`; longs beyond 2^53 fail.
   */
  avro: <T = unknown>(definition: Definition): Schema<T> => avroSchema<T>(definition),

  /** Pairs. SEPARATED makes the key the key of the message, which then orders and routes by it. */
  keyValue: <K, V>(
    key: Schema<K>,
    value: Schema<V>,
    encoding: KeyValueEncoding = 'INLINE',
  ): Schema<KeyValue<K, V>> => keyValueSchema(key, value, encoding),

  /** For consumers: each message by the schema it names, bytes for one that names none. */
  autoConsume: (): Schema<unknown> => autoConsumeSchema(),

  /** For producers: the newest schema the topic has when the producer is created; bytes without any. */
  autoProduce: (): Schema<unknown> => autoProduceSchema(),
} as const
