import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { decodeMetadata, encodeMetadata, type MessageMetadata } from './metadata.ts'
import {
  decodeSingleMetadata,
  encodeSingleMetadata,
  type SingleMessageMetadata,
} from './single-metadata.ts'

const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })
const properties = maybe(fc.dictionary(fc.string(), fc.string(), { minKeys: 1, maxKeys: 4 }))
const bytes = fc.uint8Array({ maxLength: 12 })
const flag = fc.constantFrom(undefined, true)

const single: fc.Arbitrary<SingleMessageMetadata> = fc.record({
  payloadSize: fc.nat(),
  properties,
  partitionKey: maybe(fc.string()),
  compactedOut: flag,
  eventTime: maybe(fc.maxSafeNat()),
  partitionKeyBase64: flag,
  orderingKey: maybe(bytes),
  sequenceId: maybe(fc.maxSafeNat()),
  nullValue: flag,
})

const whole: fc.Arbitrary<MessageMetadata> = fc.record({
  producerName: fc.string(),
  sequenceId: fc.maxSafeNat(),
  publishTime: fc.maxSafeNat(),
  properties,
  partitionKey: maybe(fc.string()),
  compression: maybe(fc.integer({ min: 1, max: 4 })),
  uncompressedSize: maybe(fc.nat()),
  messagesInBatch: maybe(fc.nat()),
  eventTime: maybe(fc.maxSafeNat()),
  schemaVersion: maybe(bytes),
  partitionKeyBase64: flag,
  orderingKey: maybe(bytes),
  deliverAt: maybe(fc.maxSafeNat()),
  highestSequenceId: maybe(fc.maxSafeNat()),
  nullValue: flag,
})

const plain = (value: object) => ({
  ...Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)),
  ...('properties' in value && value.properties
    ? { properties: Object.entries(value.properties) }
    : {}),
})

test('the metadata of a message inside a batch survives', () => {
  fc.assert(
    fc.property(single, (value) => {
      const writer = new ByteWriter()
      encodeSingleMetadata(writer, value)
      expect(plain(decodeSingleMetadata(new ByteReader(writer.finish())))).toEqual(plain(value))
    }),
  )
})

test('the metadata of an entry survives', () => {
  fc.assert(
    fc.property(whole, (value) => {
      const writer = new ByteWriter()
      encodeMetadata(writer, value)
      expect(plain(decodeMetadata(new ByteReader(writer.finish())))).toEqual(plain(value))
    }),
  )
})

test('the metadata of a chunk survives', () => {
  const chunk = { uuid: 'u-1', chunks: 3, chunkedSize: 12_000_000, chunkId: 2 }
  const value = { producerName: 'p', sequenceId: 4, publishTime: 5, ...chunk }
  const writer = new ByteWriter()
  encodeMetadata(writer, value)
  expect(decodeMetadata(new ByteReader(writer.finish()))).toEqual(value)
})

test('a property named after the prototype stays a property', () => {
  const writer = new ByteWriter()
  const start = writer.open(1)
  writer.text(1, '__proto__')
  writer.text(2, 'harmless')
  writer.close(start)
  const read = decodeSingleMetadata(new ByteReader(writer.finish()))
  expect(Object.keys(read.properties ?? {})).toEqual(['__proto__'])
  expect(({} as Record<string, unknown>).harmless).toBeUndefined()
})
