import { keyValue, messageIdData, schemaData } from './common-tables.ts'
import { blob, boolean, nested, number, optional, repeated, text } from './table.ts'

export const producer = {
  topic: text(1),
  producerId: number(2),
  requestId: number(3),
  producerName: optional(text(4)),
  encrypted: optional(boolean(5)),
  metadata: repeated(nested(6, keyValue)),
  schema: optional(nested(7, schemaData)),
  epoch: optional(number(8)),
  userProvidedProducerName: optional(boolean(9)),
  producerAccessMode: optional(number(10)),
  topicEpoch: optional(number(11)),
  txnEnabled: optional(boolean(12)),
  initialSubscriptionName: optional(text(13)),
}

export const producerSuccess = {
  requestId: number(1),
  producerName: text(2),
  lastSequenceId: optional(number(3)),
  schemaVersion: optional(blob(4)),
  topicEpoch: optional(number(5)),
  producerReady: optional(boolean(6)),
}

export const send = {
  producerId: number(1),
  sequenceId: number(2),
  numMessages: optional(number(3)),
  highestSequenceId: optional(number(6)),
  isChunk: optional(boolean(7)),
}

export const sendReceipt = {
  producerId: number(1),
  sequenceId: number(2),
  messageId: optional(nested(3, messageIdData)),
  highestSequenceId: optional(number(4)),
}

export const sendError = {
  producerId: number(1),
  sequenceId: number(2),
  error: number(3),
  message: text(4),
}

export const closeProducer = {
  producerId: number(1),
  requestId: number(2),
  assignedBrokerServiceUrl: optional(text(3)),
  assignedBrokerServiceUrlTls: optional(text(4)),
}

export const getSchema = {
  requestId: number(1),
  topic: text(2),
  schemaVersion: optional(blob(3)),
}

export const getSchemaResponse = {
  requestId: number(1),
  error: optional(number(2)),
  message: optional(text(3)),
  schema: optional(nested(4, schemaData)),
  schemaVersion: optional(blob(5)),
}

export const getOrCreateSchema = {
  requestId: number(1),
  topic: text(2),
  schema: nested(3, schemaData),
}

export const getOrCreateSchemaResponse = {
  requestId: number(1),
  error: optional(number(2)),
  message: optional(text(3)),
  schemaVersion: optional(blob(4)),
}
