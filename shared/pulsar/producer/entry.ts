import { codecOf, type CompressionType } from '../compression/codecs.ts'
import { PulsarError } from '../errors.ts'
import { ByteWriter } from '../wire/byte-writer.ts'
import { payloadFrame } from '../wire/frame-writer.ts'
import { encodeMetadata, type MessageMetadata } from '../wire/metadata.ts'
import { encodeSingleMetadata } from '../wire/single-metadata.ts'
import type { ProducerMessage } from './options.ts'
import type { Item, PendingEntry } from './pending-queue.ts'

/** What stays the same for every entry of a producer. */
export interface EntryContext {
  readonly producerId: number
  readonly producerName: string
  readonly compressionType: CompressionType
  readonly chunkingEnabled: boolean
  readonly schemaVersion: Uint8Array | undefined
  /** Of the broker, in bytes: metadata and payload of one entry together. */
  readonly maxMessageSize: number
}

const batchBody = new ByteWriter(64 * 1024)

/**
 * The frames that carry `items`, whose sequence ids ascend: one, or one a chunk.
 * @throws PulsarError `message-too-big` when the broker would refuse it
 */
export const buildEntries = (
  context: EntryContext,
  items: readonly Item[],
  now: number,
): readonly PendingEntry[] => {
  const [first] = items
  if (!first) return []
  const single = items.length === 1
  const plain = single ? first.message.data : encodeBatch(items)
  const metadata = single ? singleMetadata(first, now) : batchMetadata(items, first, now)
  metadata.producerName = context.producerName
  metadata.schemaVersion = context.schemaVersion
  const payload = compress(context.compressionType, metadata, plain)
  const room = context.maxMessageSize - metadataSize(metadata)
  if (payload.length <= room) return [entryOf(context, metadata, payload, items)]
  if (context.chunkingEnabled && single) return chunked(context, metadata, payload, items)
  throw tooBig(payload.length, room)
}

export const tooBig = (bytes: number, room: number): PulsarError =>
  new PulsarError(
    'message-too-big',
    `${bytes} bytes are more than the ${room} the broker takes; send less or enable chunking.`,
  )

const entryOf = (
  { producerId }: EntryContext,
  metadata: MessageMetadata,
  payload: Uint8Array,
  items: readonly Item[],
): PendingEntry => {
  const { sequenceId, highestSequenceId, messagesInBatch, chunkId } = metadata
  const command = {
    producerId,
    sequenceId,
    numMessages: messagesInBatch,
    highestSequenceId,
    isChunk: chunkId === undefined ? undefined : true,
  }
  return { sequenceId, items, frame: payloadFrame('send', command, metadata, payload) }
}

const singleMetadata = ({ message, sequenceId }: Item, now: number): MessageMetadata => ({
  producerName: '',
  sequenceId,
  publishTime: now,
  properties: message.properties,
  partitionKey: message.partitionKey,
  partitionKeyBase64: message.partitionKeyBase64,
  orderingKey: message.orderingKey,
  eventTime: message.eventTimestamp,
  deliverAt: dueAt(message, now),
})

const batchMetadata = (items: readonly Item[], first: Item, now: number): MessageMetadata => ({
  producerName: '',
  sequenceId: first.sequenceId,
  highestSequenceId: items.at(-1)?.sequenceId,
  publishTime: now,
  partitionKey: first.message.partitionKey,
  partitionKeyBase64: first.message.partitionKeyBase64,
  orderingKey: first.message.orderingKey,
  messagesInBatch: items.length,
})

const dueAt = ({ deliverAt, deliverAfter }: ProducerMessage, now: number): number | undefined =>
  deliverAt ?? (deliverAfter === undefined ? undefined : now + deliverAfter)

const encodeBatch = (items: readonly Item[]): Uint8Array => {
  batchBody.length = 0
  for (const { message, sequenceId } of items) {
    const size = batchBody.length
    batchBody.uint32be(0)
    encodeSingleMetadata(batchBody, {
      payloadSize: message.data.length,
      properties: message.properties,
      partitionKey: message.partitionKey,
      partitionKeyBase64: message.partitionKeyBase64,
      orderingKey: message.orderingKey,
      eventTime: message.eventTimestamp,
      sequenceId,
    })
    batchBody.setUint32be(size, batchBody.length - size - 4)
    batchBody.raw(message.data)
  }
  return batchBody.view()
}

const compress = (type: CompressionType, metadata: MessageMetadata, plain: Uint8Array) => {
  const codec = codecOf(type)
  if (!codec) return plain
  metadata.compression = codec.number
  metadata.uncompressedSize = plain.length
  return codec.compress(plain)
}

const metadataSize = (metadata: MessageMetadata): number => {
  const writer = new ByteWriter()
  encodeMetadata(writer, metadata)
  return writer.length
}

/** Source: PIP-37. Every chunk bears the sequence id of its message. */
const chunked = (
  context: EntryContext,
  metadata: MessageMetadata,
  payload: Uint8Array,
  items: readonly Item[],
): readonly PendingEntry[] => {
  const uuid = `${context.producerName}-${metadata.sequenceId}`
  const whole = { ...metadata, uuid, chunks: payload.length, chunkedSize: payload.length }
  const room = context.maxMessageSize - metadataSize({ ...whole, chunkId: payload.length })
  if (room < 1) throw new PulsarError('message-too-big', 'Properties and keys leave no room.')
  const chunks = Math.ceil(payload.length / room)
  return Array.from({ length: chunks }, (_, chunkId) => {
    const part = payload.subarray(chunkId * room, (chunkId + 1) * room)
    const last = chunkId === chunks - 1
    return entryOf(context, { ...whole, chunks, chunkId }, part, last ? items : [])
  })
}
