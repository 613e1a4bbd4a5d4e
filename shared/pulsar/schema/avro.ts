import { Buffer } from 'node:buffer'
import type * as avscPackage from 'avsc'
import type { Type } from 'avsc'
import { PulsarError } from '../errors.ts'
import type { Codec, Decode, Schema } from './codec.ts'
import { type Definition, definedInfo, textOf } from './simple.ts'

type Avsc = typeof avscPackage

export const avroSchema = <T>(definition: Definition): Schema<T> => ({
  open: async () => avroCodec<T>(await loadAvsc(), definition),
})

const avroCodec = <T>(avsc: Avsc, definition: Definition): Codec<T> => {
  const text = textOf(definition)
  const own = typeOf(avsc, text, undefined)
  return {
    info: definedInfo('AVRO', text),
    encode: (value) => ({ data: encoded(own, value), key: undefined }),
    decoderFor: async (writer) => {
      if (writer && writer.type !== 'AVRO')
        throw new PulsarError('unreadable-value', `The message is ${writer.type}, not AVRO.`)
      const written = writer && new TextDecoder().decode(writer.data)
      if (written === undefined || written === text) return decoderOf<T>(own, own)
      const writerType = typeOf(avsc, written, undefined)
      return decoderOf<T>(typeOf(avsc, text, writerType.name), writerType)
    },
  }
}

/** @throws PulsarError `invalid-argument` for a text that defines no Avro type */
const typeOf = (avsc: Avsc, text: string, alias: string | undefined): Type => {
  try {
    const definition = JSON.parse(text)
    return avsc.Type.forSchema(withAlias(definition, alias), { omitRecordMethods: true })
  } catch (cause) {
    throw new PulsarError('invalid-argument', `This is no Avro schema: ${String(cause)}`, { cause })
  }
}

/** Clients name the outermost record as they like, so the name of the writer's never matters. */
const withAlias = <D extends { name?: string; aliases?: string[] }>(
  definition: D,
  alias: string | undefined,
): D => {
  if (!alias || !definition.name) return definition
  return { ...definition, aliases: [...(definition.aliases ?? []), alias] }
}

const encoded = (type: Type, value: unknown): Uint8Array => {
  try {
    return type.toBuffer(value)
  } catch (cause) {
    throw new PulsarError('invalid-argument', misfit(type, value) ?? String(cause), { cause })
  }
}

/** What in the value does not fit, and where. */
const misfit = (type: Type, value: unknown): string | undefined => {
  let found: string | undefined
  type.isValid(value, {
    errorHook: (path, part, expected) => {
      found ??= `${path.join('.') || 'the value'}: ${String(part)} is no ${String(expected)}`
    },
  })
  return found
}

const decoderOf = <T>(reader: Type, writer: Type): Decode<T> => {
  const resolver = reader === writer ? undefined : resolverOf(reader, writer)
  return ({ data }) => {
    try {
      return reader.fromBuffer(asBuffer(data), resolver) as T
    } catch (cause) {
      const message = `The message is no ${writer.name ?? 'value of its schema'}: ${String(cause)}`
      throw new PulsarError('unreadable-value', message, { cause })
    }
  }
}

const resolverOf = (reader: Type, writer: Type) => {
  try {
    return reader.createResolver(writer)
  } catch (cause) {
    const message = `Schema ${reader.name} cannot read what schema ${writer.name} wrote: ${String(cause)}`
    throw new PulsarError('unreadable-value', message, { cause })
  }
}

const asBuffer = (data: Uint8Array): Buffer =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength)

/** Optional: only who uses Avro needs it. */
export const loadAvsc = async (
  load: () => Promise<unknown> = () => import('avsc'),
): Promise<Avsc> => {
  try {
    const loaded = (await load()) as { default?: Avsc }
    return loaded.default ?? (loaded as Avsc)
  } catch (cause) {
    const message = 'Avro schemas need the package avsc: npm install avsc@5.7.9'
    throw new PulsarError('missing-package', message, { cause })
  }
}
