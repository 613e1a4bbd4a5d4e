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
export const decodeSingleMetadata = (reader: ByteReader): SingleMessageMetadata => {
  const data: SingleMessageMetadata = { payloadSize: 0 }
  while (!reader.done) {
    const tag = reader.varint()
    if (tag === 1 * 8 + sized) addProperty(data, reader)
    else if (tag === 2 * 8 + sized) data.partitionKey = reader.text()
    else if (tag === 3 * 8 + varint) data.payloadSize = reader.varint()
    else if (tag === 5 * 8 + varint) data.eventTime = reader.varint()
    else if (tag === 8 * 8 + varint) data.sequenceId = reader.varint()
    else readField(data, rareFields, tag, reader)
  }
  return data
}

const rareFields: Fields<SingleMessageMetadata> = {
  [4 * 8 + varint]: (data, reader) => void (data.compactedOut = reader.varint() !== 0),
  [6 * 8 + varint]: (data, reader) => void (data.partitionKeyBase64 = reader.varint() !== 0),
  [7 * 8 + sized]: (data, reader) => void (data.orderingKey = reader.blob()),
  [9 * 8 + varint]: (data, reader) => void (data.nullValue = reader.varint() !== 0),
}
