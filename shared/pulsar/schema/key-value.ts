import { PulsarError } from '../errors.ts'
import type { Codec, Decode, Payload, Schema } from './codec.ts'
import { type SchemaInfo, schemaType } from './schema-info.ts'

export interface KeyValue<K, V> {
  readonly key: K
  readonly value: V
}

/** INLINE: key and value in the payload. SEPARATED: the key is the key of the message. */
export type KeyValueEncoding = 'INLINE' | 'SEPARATED'

export const keyValueSchema = <K, V>(
  key: Schema<K>,
  value: Schema<V>,
  encoding: KeyValueEncoding,
): Schema<KeyValue<K, V>> => ({
  open: async (ofTopic) => {
    const parts = async () => {
      const info = await ofTopic()
      return info && partsOf(info)
    }
    const [keys, values] = await Promise.all([
      key.open(async () => (await parts())?.key),
      value.open(async () => (await parts())?.value),
    ])
    return keyValueCodec(keys, values, encoding)
  },
})

const keyValueCodec = <K, V>(
  keys: Codec<K>,
  values: Codec<V>,
  encoding: KeyValueEncoding,
): Codec<KeyValue<K, V>> => ({
  info: infoOf(keys.info ?? bytesInfo, values.info ?? bytesInfo, encoding),
  encode: (pair) => {
    const key = keys.encode(pair.key).data
    const { data } = values.encode(pair.value)
    return encoding === 'INLINE' ? { data: join(key, data), key: undefined } : { data, key }
  },
  decoderFor: async (writer) => {
    const written = writer && partsOf(writer)
    const [key, value] = await Promise.all([
      keys.decoderFor(written?.key),
      values.decoderFor(written?.value),
    ])
    return decoderOf(key, value, written?.encoding ?? encoding)
  },
})

const decoderOf =
  <K, V>(key: Decode<K>, value: Decode<V>, encoding: KeyValueEncoding): Decode<KeyValue<K, V>> =>
  (payload) => {
    const both = encoding === 'INLINE' ? split(payload.data) : separated(payload)
    return {
      key: key({ data: both.key, key: undefined }),
      value: value({ data: both.value, key: undefined }),
    }
  }

const separated = ({ data, key }: Payload): KeyValue<Uint8Array, Uint8Array> => {
  if (key) return { key, value: data }
  throw new PulsarError('unreadable-value', 'The message has no key of bytes.')
}

const bytesInfo: SchemaInfo = {
  name: 'Bytes',
  type: 'BYTES',
  data: new Uint8Array(),
  properties: {},
}

/** Source: `KeyValueSchemaInfo` of the Java client. */
const infoOf = (key: SchemaInfo, value: SchemaInfo, encoding: KeyValueEncoding): SchemaInfo => ({
  name: 'KeyValue',
  type: 'KEY_VALUE',
  data: join(key.data, value.data),
  properties: {
    'key.schema.name': key.name,
    'key.schema.type': key.type,
    'key.schema.properties': JSON.stringify(key.properties),
    'value.schema.name': value.name,
    'value.schema.type': value.type,
    'value.schema.properties': JSON.stringify(value.properties),
    'kv.encoding.type': encoding,
  },
})

/** The two schemas of one for key and value. @throws PulsarError `unreadable-value` for another */
export const partsOf = ({ type, data, properties }: SchemaInfo) => {
  if (type !== 'KEY_VALUE')
    throw new PulsarError('unreadable-value', `The message is ${type}, not KEY_VALUE.`)
  const both = split(data)
  const part = (which: 'key' | 'value'): SchemaInfo => ({
    name: properties[`${which}.schema.name`] ?? '',
    type: schemaType(properties[`${which}.schema.type`]),
    data: both[which],
    properties: {},
  })
  const encoding: KeyValueEncoding =
    properties['kv.encoding.type'] === 'SEPARATED' ? 'SEPARATED' : 'INLINE'
  return { key: part('key'), value: part('value'), encoding }
}

/** `[length u32][key][length u32][value]` */
const join = (key: Uint8Array, value: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(8 + key.length + value.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, key.length)
  bytes.set(key, 4)
  view.setUint32(4 + key.length, value.length)
  bytes.set(value, 8 + key.length)
  return bytes
}

/** @throws PulsarError `unreadable-value` when the lengths do not fit the bytes */
const split = (bytes: Uint8Array): KeyValue<Uint8Array, Uint8Array> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const lengthAt = (at: number) => {
    if (at + 4 > bytes.length) throw short()
    // The Java client writes -1 for none.
    return Math.max(view.getInt32(at), 0)
  }
  const keyEnd = 4 + lengthAt(0)
  const end = keyEnd + 4 + lengthAt(keyEnd)
  if (end > bytes.length) throw short()
  return { key: bytes.subarray(4, keyEnd), value: bytes.subarray(keyEnd + 4, end) }
}

const short = () => new PulsarError('unreadable-value', 'A key and value end too early.')
