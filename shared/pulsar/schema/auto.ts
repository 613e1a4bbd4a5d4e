import { PulsarError } from '../errors.ts'
import { avroSchema } from './avro.ts'
import type { Codec, Schema } from './codec.ts'
import { keyValueSchema, partsOf } from './key-value.ts'
import type { SchemaInfo } from './schema-info.ts'
import { bytesSchema, jsonSchema, stringSchema } from './simple.ts'

const nothingRegistered = async () => undefined

export const autoConsumeSchema = (): Schema<unknown> => ({
  open: async () => ({
    info: undefined,
    encode: () => {
      throw new PulsarError('invalid-argument', 'Auto-consume reads only; send with autoProduce.')
    },
    decoderFor: async (writer) => {
      const codec = await schemaFor(writer).open(nothingRegistered)
      return codec.decoderFor(writer)
    },
  }),
})

export const autoProduceSchema = (): Schema<unknown> => ({
  open: async (ofTopic) => {
    const info = await ofTopic()
    const codec: Codec<unknown> = await schemaFor(info).open(nothingRegistered)
    // As registered, down to its properties: this producer changes nothing.
    return { ...codec, info }
  },
})

/** The schema that writes and reads what is described; bytes as they are for types unknown here. */
const schemaFor = (info: SchemaInfo | undefined): Schema<unknown> => {
  const definition = () => new TextDecoder().decode(info?.data)
  switch (info?.type) {
    case 'STRING':
      return stringSchema() as Schema<unknown>
    case 'JSON':
      return jsonSchema(definition())
    case 'AVRO':
      return avroSchema(definition())
    case 'KEY_VALUE': {
      const { key, value, encoding } = partsOf(info)
      return keyValueSchema(schemaFor(key), schemaFor(value), encoding) as Schema<unknown>
    }
    default:
      return bytesSchema() as Schema<unknown>
  }
}
