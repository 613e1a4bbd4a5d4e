import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { present, valuesOf } from '../../../tests/support/table-values.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { decodeMetadata, encodeMetadata } from './metadata.ts'
import { decodeSingleMetadata, encodeSingleMetadata } from './single-metadata.ts'
import { blob, boolean, decode, encode, nested, number, optional, repeated, text } from './table.ts'
import type { Table } from './table.ts'

/** As in PulsarApi.proto; all optional, as readers here take what is missing for 0 or empty. */
const keyValue = { key: optional(text(1)), value: optional(text(2)) }

const entryTable = {
  producerName: optional(text(1)),
  sequenceId: optional(number(2)),
  publishTime: optional(number(3)),
  properties: repeated(nested(4, keyValue)),
  partitionKey: optional(text(6)),
  compression: optional(number(8)),
  uncompressedSize: optional(number(9)),
  messagesInBatch: optional(number(11)),
  eventTime: optional(number(12)),
  schemaVersion: optional(blob(16)),
  partitionKeyBase64: optional(boolean(17)),
  orderingKey: optional(blob(18)),
  deliverAt: optional(number(19)),
  markerType: optional(number(20)),
  highestSequenceId: optional(number(24)),
  nullValue: optional(boolean(25)),
  uuid: optional(text(26)),
  chunks: optional(number(27)),
  chunkedSize: optional(number(28)),
  chunkId: optional(number(29)),
}

const singleTable = {
  properties: repeated(nested(1, keyValue)),
  partitionKey: optional(text(2)),
  payloadSize: optional(number(3)),
  compactedOut: optional(boolean(4)),
  eventTime: optional(number(5)),
  partitionKeyBase64: optional(boolean(6)),
  orderingKey: optional(blob(7)),
  sequenceId: optional(number(8)),
  nullValue: optional(boolean(9)),
}

type Fields = Readonly<Record<string, unknown>>

/** A value of the table as the hand-written codec has it: properties as a record, zeros filled in. */
const asOurs = (zeros: Fields, { properties, ...rest }: Fields): unknown => {
  const list = properties as readonly { key?: string; value?: string }[] | undefined
  const pairs = list?.map(({ key = '', value = '' }) => [key, value] as const)
  return {
    ...zeros,
    ...(present(rest) as Fields),
    ...(pairs ? { properties: ordered(pairs) } : {}),
  }
}

const ordered = (pairs: readonly (readonly [string, string])[]) => [...new Map(pairs)].toSorted()

const asRead = (value: object): unknown => {
  const { properties, ...rest } = present(value) as { properties?: Record<string, string> }
  return { ...rest, ...(properties ? { properties: ordered(Object.entries(properties)) } : {}) }
}

const written = (write: (writer: ByteWriter) => void): Uint8Array => {
  const writer = new ByteWriter(1)
  write(writer)
  return writer.finish()
}

const codecs: readonly [string, Table, Fields, (reader: ByteReader) => object][] = [
  [
    'MessageMetadata',
    entryTable,
    { producerName: '', sequenceId: 0, publishTime: 0 },
    decodeMetadata,
  ],
  ['SingleMessageMetadata', singleTable, { payloadSize: 0 }, decodeSingleMetadata],
]

test.each(codecs)('%s is read by hand as by its table', (_, table, zeros, hot) => {
  fc.assert(
    fc.property(valuesOf(table), (value) => {
      const bytes = written((writer) => encode(writer, table, value))
      expect(asRead(hot(new ByteReader(bytes)))).toEqual(asOurs(zeros, value))
    }),
  )
})

test.each(codecs)('%s cut or damaged ends by hand as by its table', (_, table, zeros, hot) => {
  const outcome = (read: () => unknown): unknown => {
    try {
      return read()
    } catch (thrown) {
      expect(thrown).toMatchObject({ name: 'PulsarError', code: 'protocol' })
      return (thrown as Error).message
    }
  }
  const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })
  fc.assert(
    fc.property(valuesOf(table), damages, fc.nat(), (value, changes, cut) => {
      const bytes = written((writer) => encode(writer, table, value))
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      const hostile = bytes.subarray(0, bytes.length - (cut % (bytes.length + 1)))
      expect(outcome(() => asRead(hot(new ByteReader(hostile))))).toEqual(
        outcome(() => asOurs(zeros, decode(new ByteReader(hostile), table))),
      )
    }),
    { numRuns: 1_000 },
  )
})

const pairs = (texts: Readonly<Record<string, string>> | undefined) =>
  texts && Object.entries(texts).map(([key, value]) => ({ key, value }))

/** What the client writes; a chunk has all four fields of chunks, a flag is there or is not. */
const flag = fc.constantFrom(undefined, true)
const chunk = { uuid: 'u', chunks: 2, chunkedSize: 300, chunkId: 1 }
const properties = fc.option(fc.dictionary(fc.string(), fc.string(), { minKeys: 1 }), {
  nil: undefined,
})

test('MessageMetadata is written by hand as by its table', () => {
  const names = { producerName: '', sequenceId: 0, publishTime: 0 }
  const fixed = { markerType: undefined, compression: 3, uuid: undefined, chunks: undefined }
  const noChunk = { ...fixed, chunkedSize: undefined, chunkId: undefined }
  fc.assert(
    fc.property(valuesOf(entryTable), properties, flag, flag, fc.boolean(), (...made) => {
      const [value, texts, partitionKeyBase64, nullValue, isChunk] = made
      const body = {
        ...names,
        ...(present(value) as object),
        ...noChunk,
        ...(isChunk ? chunk : {}),
        partitionKeyBase64,
        nullValue,
        properties: texts,
      }
      const byTable = written((out) =>
        encode(out, entryTable, { ...body, properties: pairs(texts) }),
      )
      expect(written((out) => encodeMetadata(out, body))).toEqual(byTable)
    }),
  )
})

test('SingleMessageMetadata is written by hand as by its table', () => {
  fc.assert(
    fc.property(valuesOf(singleTable), properties, flag, flag, flag, (...made) => {
      const [value, texts, compactedOut, partitionKeyBase64, nullValue] = made
      const flags = { compactedOut, partitionKeyBase64, nullValue }
      const body = { payloadSize: 0, ...(present(value) as object), ...flags, properties: texts }
      const byTable = written((out) =>
        encode(out, singleTable, { ...body, properties: pairs(texts) }),
      )
      expect(written((out) => encodeSingleMetadata(out, body))).toEqual(byTable)
    }),
  )
})
