import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import {
  addProperty,
  encodeProperties,
  type Fields,
  type Properties,
  readFields,
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

/** Reads the rest of `reader`. What is kept as bytes views the reader's bytes. */
export const decodeMetadata = (reader: ByteReader): MessageMetadata =>
  readFields({ producerName: '', sequenceId: 0, publishTime: 0 }, metadataFields, reader)

const metadataFields: Fields<MessageMetadata> = {
  [sized(1)]: (data, reader) => void (data.producerName = reader.text()),
  [varint(2)]: (data, reader) => void (data.sequenceId = reader.varint()),
  [varint(3)]: (data, reader) => void (data.publishTime = reader.varint()),
  [sized(4)]: (data, reader) => addProperty(data, reader),
  [sized(6)]: (data, reader) => void (data.partitionKey = reader.text()),
  [varint(8)]: (data, reader) => void (data.compression = reader.varint()),
  [varint(9)]: (data, reader) => void (data.uncompressedSize = reader.varint()),
  [varint(11)]: (data, reader) => void (data.messagesInBatch = reader.varint()),
  [varint(12)]: (data, reader) => void (data.eventTime = reader.varint()),
  [sized(16)]: (data, reader) => void (data.schemaVersion = reader.blob()),
  [varint(17)]: (data, reader) => void (data.partitionKeyBase64 = reader.varint() !== 0),
  [sized(18)]: (data, reader) => void (data.orderingKey = reader.blob()),
  [varint(19)]: (data, reader) => void (data.deliverAt = reader.varint()),
  [varint(20)]: (data, reader) => void (data.markerType = reader.varint()),
  [varint(24)]: (data, reader) => void (data.highestSequenceId = reader.varint()),
  [varint(25)]: (data, reader) => void (data.nullValue = reader.varint() !== 0),
  [sized(26)]: (data, reader) => void (data.uuid = reader.text()),
  [varint(27)]: (data, reader) => void (data.chunks = reader.varint()),
  [varint(28)]: (data, reader) => void (data.chunkedSize = reader.varint()),
  [varint(29)]: (data, reader) => void (data.chunkId = reader.varint()),
}
