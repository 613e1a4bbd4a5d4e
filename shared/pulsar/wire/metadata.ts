import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import {
  addProperty,
  encodeProperties,
  type Fields,
  type Properties,
  readField,
  sized,
  varint,
} from './metadata-fields.ts'

/** MessageMetadata of PulsarApi.proto: what stands before each entry's payload. Times in ms. */
export interface MessageMetadata {
  producerName: string
  sequenceId: number
  publishTime: number
  properties?: Properties | undefined
  partitionKey?: string | undefined
  /** Number of the codec in `CompressionType`. */
  compression?: number | undefined
  uncompressedSize?: number | undefined
  messagesInBatch?: number | undefined
  eventTime?: number | undefined
  schemaVersion?: Uint8Array | undefined
  partitionKeyBase64?: boolean | undefined
  orderingKey?: Uint8Array | undefined
  deliverAt?: number | undefined
  markerType?: number | undefined
  highestSequenceId?: number | undefined
  uuid?: string | undefined
  chunks?: number | undefined
  chunkedSize?: number | undefined
  chunkId?: number | undefined
  nullValue?: boolean | undefined
}

export const encodeMetadata = (out: ByteWriter, data: MessageMetadata): void => {
  out.text(1, data.producerName)
  out.number(2, data.sequenceId)
  out.number(3, data.publishTime)
  if (data.properties) encodeProperties(out, 4, data.properties)
  if (data.partitionKey !== undefined) out.text(6, data.partitionKey)
  if (data.compression) out.number(8, data.compression)
  if (data.uncompressedSize !== undefined) out.number(9, data.uncompressedSize)
  if (data.messagesInBatch !== undefined) out.number(11, data.messagesInBatch)
  if (data.eventTime !== undefined) out.number(12, data.eventTime)
  if (data.schemaVersion) out.blob(16, data.schemaVersion)
  if (data.partitionKeyBase64) out.number(17, 1)
  if (data.orderingKey) out.blob(18, data.orderingKey)
  if (data.deliverAt !== undefined) out.number(19, data.deliverAt)
  if (data.highestSequenceId !== undefined) out.number(24, data.highestSequenceId)
  if (data.nullValue) out.number(25, 1)
  if (data.uuid !== undefined) encodeChunk(out, data)
}

const encodeChunk = (out: ByteWriter, data: MessageMetadata) => {
  out.text(26, data.uuid ?? '')
  out.number(27, data.chunks ?? 1)
  out.number(28, data.chunkedSize ?? 0)
  out.number(29, data.chunkId ?? 0)
}

/** Reads the rest of `reader`. What is kept as bytes is a copy: an entry lies in a chunk of the socket. */
export const decodeMetadata = (reader: ByteReader): MessageMetadata => {
  const data: MessageMetadata = { producerName: '', sequenceId: 0, publishTime: 0 }
  while (!reader.done) {
    const tag = reader.varint()
    if (tag === 1 * 8 + sized) data.producerName = reader.text()
    else if (tag === 2 * 8 + varint) data.sequenceId = reader.varint()
    else if (tag === 3 * 8 + varint) data.publishTime = reader.varint()
    else if (tag === 4 * 8 + sized) addProperty(data, reader)
    else if (tag === 6 * 8 + sized) data.partitionKey = reader.text()
    else if (tag === 11 * 8 + varint) data.messagesInBatch = reader.varint()
    else if (tag === 12 * 8 + varint) data.eventTime = reader.varint()
    else if (tag === 24 * 8 + varint) data.highestSequenceId = reader.varint()
    else readField(data, rareFields, tag, reader)
  }
  return data
}

const rareFields: Fields<MessageMetadata> = {
  [8 * 8 + varint]: (data, reader) => void (data.compression = reader.varint()),
  [9 * 8 + varint]: (data, reader) => void (data.uncompressedSize = reader.varint()),
  [16 * 8 + sized]: (data, reader) => void (data.schemaVersion = reader.blob().slice()),
  [17 * 8 + varint]: (data, reader) => void (data.partitionKeyBase64 = reader.varint() !== 0),
  [18 * 8 + sized]: (data, reader) => void (data.orderingKey = reader.blob().slice()),
  [19 * 8 + varint]: (data, reader) => void (data.deliverAt = reader.varint()),
  [20 * 8 + varint]: (data, reader) => void (data.markerType = reader.varint()),
  [25 * 8 + varint]: (data, reader) => void (data.nullValue = reader.varint() !== 0),
  [26 * 8 + sized]: (data, reader) => void (data.uuid = reader.text()),
  [27 * 8 + varint]: (data, reader) => void (data.chunks = reader.varint()),
  [28 * 8 + varint]: (data, reader) => void (data.chunkedSize = reader.varint()),
  [29 * 8 + varint]: (data, reader) => void (data.chunkId = reader.varint()),
}
