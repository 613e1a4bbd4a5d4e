import { PulsarError } from '../errors.ts'
import { ByteReader } from '../wire/byte-reader.ts'
import { decodeSingleMetadata, type SingleMessageMetadata } from '../wire/single-metadata.ts'

export interface Unpacked {
  readonly index: number
  readonly data: Uint8Array
  readonly single: SingleMessageMetadata
}

/** Far more than any client puts into one: each costs memory, however few bytes it is said to have. */
export const mostInBatch = 2 ** 20

/**
 * The messages of a batch, as `[size][SingleMessageMetadata][bytes]` each; `data` views `body`.
 * Messages that compaction removed are left out.
 * @throws PulsarError `protocol` when the body holds less than `count` messages, or they are too many
 */
export const unpackBatch = (body: Uint8Array, count: number): readonly Unpacked[] => {
  if (count > mostInBatch) throw new PulsarError('protocol', `A batch of ${count} messages.`)
  const reader = new ByteReader(body)
  const messages: Unpacked[] = []
  for (let index = 0; index < count; index++) {
    reader.end = body.length
    const size = reader.uint32be()
    reader.end = reader.position + size
    if (reader.end > body.length) throw short(index, count)
    const single = decodeSingleMetadata(reader)
    const end = reader.end + single.payloadSize
    if (single.payloadSize < 0 || end > body.length) throw short(index, count)
    const data = body.subarray(reader.end, end)
    reader.position = end
    if (!single.compactedOut) messages.push({ index, data, single })
  }
  return messages
}

const short = (index: number, count: number) =>
  new PulsarError('protocol', `A batch of ${count} messages ends within message ${index}.`)
