import { type SchemaInfo, schemaVersionNumber } from './schema-info.ts'
import type { Codec, Decode, Payload } from './codec.ts'

/** Reads the values of one topic's messages, each with the schema version it was written with. */
export interface ValueReader {
  /** Rejects with `PulsarError` `unreadable-value`, or why the schema could not be had. */
  read(version: Uint8Array | undefined, payload: Payload): Promise<unknown>
}

/** @param schemaOf gives a version of the topic's schema */
export const valueReader = (
  codec: Codec<unknown>,
  schemaOf: (version: number) => Promise<SchemaInfo>,
): ValueReader => {
  const ready = new Map<number, Decode<unknown>>()
  const prepare = async (number: number) => {
    const decode = await codec.decoderFor(number < 0 ? undefined : await schemaOf(number))
    ready.set(number, decode)
    return decode
  }
  return {
    read: async (version = none, payload) => {
      const number = schemaVersionNumber(version)
      const decode = ready.get(number) ?? (await prepare(number))
      return decode(payload)
    },
  }
}

const none = new Uint8Array()
