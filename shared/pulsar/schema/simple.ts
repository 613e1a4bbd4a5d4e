import { PulsarError } from '../errors.ts'
import type { Codec, Decode, Payload, Schema } from './codec.ts'
import type { SchemaInfo } from './schema-info.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const none = new Uint8Array()

/** A schema that needs nothing loaded and reads every version in the same way. */
const fixed = <T>(
  info: SchemaInfo | undefined,
  encode: (value: T) => Uint8Array,
  decode: Decode<T>,
): Schema<T> => {
  const codec: Codec<T> = {
    info,
    encode: (value) => ({ data: encode(value), key: undefined }),
    decoderFor: async () => decode,
  }
  return { open: async () => codec }
}

export const bytesSchema = (): Schema<Uint8Array> =>
  fixed(
    undefined,
    (value) => value,
    ({ data }) => data,
  )

/** Bytes that were written with a schema: it is registered, and they are not looked at. */
export const writtenSchema = (info: SchemaInfo): Schema<Uint8Array> =>
  fixed(
    info,
    (value) => value,
    ({ data }) => data,
  )

// As the Java client registers it: another property would be another version.
const stringInfo: SchemaInfo = {
  name: 'String',
  type: 'STRING',
  data: none,
  properties: { __charset: 'UTF-8' },
}

export const stringSchema = (): Schema<string> =>
  fixed(
    stringInfo,
    (value) => encoder.encode(value),
    ({ data }) => decoder.decode(data),
  )

/** An Avro schema, as JSON text or what stands for it: a name, or an object of `JSON.parse`. */
export type Definition = string | object

export const textOf = (definition: Definition): string =>
  typeof definition === 'string' ? definition : JSON.stringify(definition)

/** The broker keeps definitions of JSON and AVRO in the same form. */
export const definedInfo = (type: 'JSON' | 'AVRO', definition: Definition): SchemaInfo => ({
  name: type,
  type,
  data: encoder.encode(textOf(definition)),
  properties: {},
})

export const jsonSchema = <T>(definition: Definition): Schema<T> =>
  fixed<T>(definedInfo('JSON', definition), toJson, fromJson)

const toJson = (value: unknown): Uint8Array => {
  const text = JSON.stringify(value) as string | undefined
  if (text !== undefined) return encoder.encode(text)
  throw new PulsarError('invalid-argument', `A ${typeof value} has no JSON text.`)
}

const fromJson = <T>({ data }: Payload): T => {
  try {
    return JSON.parse(decoder.decode(data)) as T
  } catch (cause) {
    throw new PulsarError('unreadable-value', `The message is no JSON: ${String(cause)}`, { cause })
  }
}
