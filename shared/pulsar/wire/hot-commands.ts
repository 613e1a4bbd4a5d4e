import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { messageIdData } from './common-tables.ts'
import type { ack, message } from './consumer-tables.ts'
import type { send, sendReceipt } from './producer-tables.ts'
import { sized, varint } from './metadata-fields.ts'
import { missing, type Value } from './table.ts'

/**
 * What goes with every message, by hand: several times as fast as by table. Each writes and reads
 * what its table in `commands.ts` would, field by field; a test compares the two.
 */
type MessageIdData = Value<typeof messageIdData>

export const encodeSend = (out: ByteWriter, body: Value<typeof send>): void => {
  out.number(1, body.producerId)
  out.number(2, body.sequenceId)
  if (body.numMessages !== undefined) out.number(3, body.numMessages)
  if (body.highestSequenceId !== undefined) out.number(6, body.highestSequenceId)
  if (body.isChunk !== undefined) out.number(7, body.isChunk ? 1 : 0)
}

export const encodeAck = (out: ByteWriter, body: Value<typeof ack>): void => {
  out.number(1, body.consumerId)
  out.number(2, body.ackType)
  for (const id of body.messageId ?? []) encodeMessageId(out, 3, id)
  if (body.validationError !== undefined) out.number(4, body.validationError)
  if (body.requestId !== undefined) out.number(8, body.requestId)
}

const encodeMessageId = (out: ByteWriter, field: number, id: MessageIdData) => {
  const start = out.open(field)
  out.number(1, id.ledgerId)
  out.number(2, id.entryId)
  if (id.partition !== undefined) out.number(3, id.partition)
  if (id.batchIndex !== undefined) out.number(4, id.batchIndex)
  for (const word of id.ackSet ?? []) {
    out.varint(5 * 8 + varint)
    out.varintBig(word)
  }
  if (id.batchSize !== undefined) out.number(6, id.batchSize)
  out.close(start)
}

/** Reads the rest of `reader`, as the table would. */
export const decodeReceipt = (reader: ByteReader): Value<typeof sendReceipt> => {
  let producerId: number | undefined
  let sequenceId: number | undefined
  let messageId: MessageIdData | undefined
  let highestSequenceId: number | undefined
  while (!reader.done) {
    const tag = reader.varint()
    if (tag === 1 * 8 + varint) producerId = reader.varint()
    else if (tag === 2 * 8 + varint) sequenceId = reader.varint()
    else if (tag === 3 * 8 + sized) messageId = decodeMessageId(reader)
    else if (tag === 4 * 8 + varint) highestSequenceId = reader.varint()
    else reader.skip(tag)
  }
  if (producerId === undefined) throw missing('producerId')
  if (sequenceId === undefined) throw missing('sequenceId')
  return { producerId, sequenceId, messageId, highestSequenceId }
}

/** Reads the rest of `reader`, as the table would. */
export const decodeMessage = (reader: ByteReader): Value<typeof message> => {
  let consumerId: number | undefined
  let messageId: MessageIdData | undefined
  let redeliveryCount: number | undefined
  let ackSet: bigint[] | undefined
  let consumerEpoch: number | undefined
  while (!reader.done) {
    const tag = reader.varint()
    if (tag === 1 * 8 + varint) consumerId = reader.varint()
    else if (tag === 2 * 8 + sized) messageId = decodeMessageId(reader)
    else if (tag === 3 * 8 + varint) redeliveryCount = reader.varint()
    else if (tag === 4 * 8 + varint) (ackSet ??= []).push(reader.varintBig())
    else if (tag === 5 * 8 + varint) consumerEpoch = reader.varint()
    else reader.skip(tag)
  }
  if (consumerId === undefined) throw missing('consumerId')
  if (messageId === undefined) throw missing('messageId')
  return { consumerId, messageId, redeliveryCount, ackSet, consumerEpoch }
}

const decodeMessageId = (reader: ByteReader): MessageIdData => {
  const outer = reader.end
  reader.end = reader.limit()
  let ledgerId: number | undefined
  let entryId: number | undefined
  let partition: number | undefined
  let batchIndex: number | undefined
  let ackSet: bigint[] | undefined
  let batchSize: number | undefined
  while (!reader.done) {
    const tag = reader.varint()
    if (tag === 1 * 8 + varint) ledgerId = reader.varint()
    else if (tag === 2 * 8 + varint) entryId = reader.varint()
    else if (tag === 3 * 8 + varint) partition = reader.varint()
    else if (tag === 4 * 8 + varint) batchIndex = reader.varint()
    else if (tag === 5 * 8 + varint) (ackSet ??= []).push(reader.varintBig())
    else if (tag === 6 * 8 + varint) batchSize = reader.varint()
    else reader.skip(tag)
  }
  reader.end = outer
  if (ledgerId === undefined) throw missing('ledgerId')
  if (entryId === undefined) throw missing('entryId')
  return { ledgerId, entryId, partition, batchIndex, ackSet, batchSize }
}
