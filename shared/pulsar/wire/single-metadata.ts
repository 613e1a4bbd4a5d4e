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

/** SingleMessageMetadata of PulsarApi.proto: what stands before each message inside a batch. */
export interface SingleMessageMetadata {
  payloadSize: number
  properties?: Properties | undefined
  partitionKey?: string | undefined
  compactedOut?: boolean | undefined
  eventTime?: number | undefined
  partitionKeyBase64?: boolean | undefined
  orderingKey?: Uint8Array | undefined
  sequenceId?: number | undefined
  nullValue?: boolean | undefined
}

export const encodeSingleMetadata = (out: ByteWriter, data: SingleMessageMetadata): void => {
  if (data.properties) encodeProperties(out, 1, data.properties)
  if (data.partitionKey !== undefined) out.text(2, data.partitionKey)
  out.number(3, data.payloadSize)
  if (data.compactedOut) out.number(4, 1)
  if (data.eventTime !== undefined) out.number(5, data.eventTime)
  if (data.partitionKeyBase64) out.number(6, 1)
  if (data.orderingKey) out.blob(7, data.orderingKey)
  if (data.sequenceId !== undefined) out.number(8, data.sequenceId)
  if (data.nullValue) out.number(9, 1)
}

/** Reads the rest of `reader`. What is kept as bytes views the reader's bytes. */
export const decodeSingleMetadata = (reader: ByteReader): SingleMessageMetadata =>
  readFields({ payloadSize: 0 }, singleFields, reader)

const singleFields: Fields<SingleMessageMetadata> = {
  [sized(1)]: (data, reader) => addProperty(data, reader),
  [sized(2)]: (data, reader) => void (data.partitionKey = reader.text()),
  [varint(3)]: (data, reader) => void (data.payloadSize = reader.varint()),
  [varint(4)]: (data, reader) => void (data.compactedOut = reader.varint() !== 0),
  [varint(5)]: (data, reader) => void (data.eventTime = reader.varint()),
  [varint(6)]: (data, reader) => void (data.partitionKeyBase64 = reader.varint() !== 0),
  [sized(7)]: (data, reader) => void (data.orderingKey = reader.blob()),
  [varint(8)]: (data, reader) => void (data.sequenceId = reader.varint()),
  [varint(9)]: (data, reader) => void (data.nullValue = reader.varint() !== 0),
}
