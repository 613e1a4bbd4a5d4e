import { expect, test } from 'bun:test'
import { decompress } from '../compression/codecs.ts'
import { unpackBatch } from '../consumer/unpack.ts'
import type { Body, CommandType } from './commands.ts'
import { readEntry, readFrame } from './frame-reader.ts'
import { commandFrame, payloadFrame } from './frame-writer.ts'

/** Frames that the C++ client 4.2.0 sent, recorded with Python's pulsar-client 3.13.0. */
const recorded = {
  connect: 'AAAAKQAAACUIAhIhChFQdWxzYXItQ1BQLXY0LjIuMCAUKgRub25lUgQIARAB',
  partitionMetadata: 'AAAALwAAACsIFaoBJgoicGVyc2lzdGVudDovL3B1YmxpYy9kZWZhdWx0L2dvbGRlbhAB',
  lookup: 'AAAAMwAAAC8IF7oBKgoicGVyc2lzdGVudDovL3B1YmxpYy9kZWZhdWx0L2dvbGRlbhACGAA6AA==',
  producer:
    'AAAASQAAAEUIBSpBCiJwZXJzaXN0ZW50Oi8vcHVibGljL2RlZmF1bHQvZ29sZGVuEAAYACIPZ29sZGVuLXByb2R1Y2VyKABAAEgBUAA=',
  subscribe:
    'AAAAWQAAAFUIBCJRCiJwZXJzaXN0ZW50Oi8vcHVibGljL2RlZmF1bHQvZ29sZGVuEgNzdWIYAyAAKAIyD2dvbGRlbi1jb25zdW1lcjgAQAFYAGgBcACKAQQIACAA',
  flow: 'AAAADQAAAAkIC1oFCAAQ6Ac=',
  ack: 'AAAAEwAAAA8IClILCAAQABoFCKwCEAU=',
  closeConsumer: 'AAAADQAAAAkIEIIBBAgAEAM=',
  closeProducer: 'AAAADAAAAAgID3oECAAQBA==',
} as const

const batch =
  'AAAAnwAAAAoIBjIGCAAQABgDDgFsPqopAAAALAoPZ29sZGVuLXByb2R1Y2VyEAAY19zj9J80MgVrZXkgMEABSLsCWAOSAQFv/xsAAAAdCgYKAWESAWISBWtleSAwGEgo+9CV/7wxOgFvQABnb2xkZW4gMCAJACwOaQAZMWkAEwFgABQxaQAPCQAlDmkAGTJpABMCaQAUMmkADwkAIFBlbiAyIA=='
const single =
  'AAAASwAAAAoIBjIGCAEQ8KIEDgHBwjIuAAAALQoNZ29sZGVuLXNpbmdsZRDwogQY2tzj9J80IgYKAXgSAXkyAWuYAYCg8cKxNMOp8J+YgA=='

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
const read = (base64: string) => readFrame(bytes(base64), 4, bytes(base64).length)
const text = (data: Uint8Array) => new TextDecoder().decode(data)

test.each(Object.entries(recorded))(
  '%s of the C++ client is read and written alike',
  (type, frame) => {
    const { command } = read(frame)
    expect(command.type).toBe(type as CommandType)
    const written = commandFrame(type as CommandType, command.body as Body<CommandType>)
    expect(Buffer.from(written).toString('base64')).toBe(frame)
  },
)

test('the fields of the C++ client mean what they should', () => {
  expect(read(recorded.subscribe).command.body).toMatchObject({
    topic: 'persistent://public/default/golden',
    subscription: 'sub',
    subType: 3,
    consumerName: 'golden-consumer',
    durable: true,
    initialPosition: 1,
    keySharedMeta: { keySharedMode: 0 },
  })
  expect(read(recorded.ack).command.body).toMatchObject({
    ackType: 0,
    messageId: [{ ledgerId: 300, entryId: 5 }],
  })
})

test.each([batch, single])(
  'an entry of the C++ client passes its checksum and is written alike',
  (frame) => {
    const { command, rest } = read(frame)
    const { metadata, payload, intact } = readEntry(rest)
    expect(intact).toBe(true)
    const written = payloadFrame('send', command.body as Body<'send'>, metadata, payload)
    expect(Buffer.from(written).toString('base64')).toBe(frame)
  },
)

test('a batch the C++ client packed with LZ4 holds its three messages', () => {
  const { metadata, payload } = readEntry(read(batch).rest)
  const plain = decompress(metadata.compression!, payload, metadata.uncompressedSize!, 10_000)
  const messages = unpackBatch(plain, metadata.messagesInBatch!)
  expect(messages.map(({ data }) => text(data))).toEqual(
    [0, 1, 2].map((at) => `golden ${at} `.repeat(8)),
  )
  expect(messages[2]!.single).toMatchObject({ partitionKey: 'key 2', eventTime: 1_700_000_000_123 })
})

test('a single message of the C++ client keeps what it was sent with', () => {
  const { metadata, payload } = readEntry(read(single).rest)
  expect(text(payload)).toBe('é😀')
  expect(metadata).toMatchObject({
    producerName: 'golden-single',
    sequenceId: 70_000,
    partitionKey: 'k',
    deliverAt: 1_800_000_000_000,
  })
  expect({ ...metadata.properties }).toEqual({ x: 'y' })
})

test('a batch body cut at any byte is refused, never read beyond', () => {
  const { metadata, payload } = readEntry(read(batch).rest)
  const plain = decompress(metadata.compression!, payload, metadata.uncompressedSize!, 10_000)
  for (let end = 0; end < plain.length; end++)
    expect(() => unpackBatch(plain.slice(0, end), 3)).toThrow()
})
