import { keyValue, messageIdData, schemaData } from './common-tables.ts'
import { boolean, nested, number, optional, repeated, text, word } from './table.ts'

const intRange = { start: number(1), end: number(2) }

const keySharedMeta = {
  keySharedMode: number(1),
  hashRanges: repeated(nested(3, intRange)),
  allowOutOfOrderDelivery: optional(boolean(4)),
}

export const subscribe = {
  topic: text(1),
  subscription: text(2),
  subType: number(3),
  consumerId: number(4),
  requestId: number(5),
  consumerName: optional(text(6)),
  priorityLevel: optional(number(7)),
  durable: optional(boolean(8)),
  startMessageId: optional(nested(9, messageIdData)),
  metadata: repeated(nested(10, keyValue)),
  readCompacted: optional(boolean(11)),
  schema: optional(nested(12, schemaData)),
  initialPosition: optional(number(13)),
  replicateSubscriptionState: optional(boolean(14)),
  forceTopicCreation: optional(boolean(15)),
  startMessageRollbackDurationSec: optional(number(16)),
  keySharedMeta: optional(nested(17, keySharedMeta)),
  subscriptionProperties: repeated(nested(18, keyValue)),
  consumerEpoch: optional(number(19)),
}

export const message = {
  consumerId: number(1),
  messageId: nested(2, messageIdData),
  redeliveryCount: optional(number(3)),
  ackSet: repeated(word(4)),
  consumerEpoch: optional(number(5)),
}

export const ack = {
  consumerId: number(1),
  ackType: number(2),
  messageId: repeated(nested(3, messageIdData)),
  validationError: optional(number(4)),
  requestId: optional(number(8)),
}

export const ackResponse = {
  consumerId: number(1),
  error: optional(number(4)),
  message: optional(text(5)),
  requestId: optional(number(6)),
}

export const activeConsumerChange = { consumerId: number(1), isActive: optional(boolean(2)) }

export const flow = { consumerId: number(1), messagePermits: number(2) }

export const consumerRequest = { consumerId: number(1), requestId: number(2) }

export const consumerNotice = { consumerId: number(1) }

export const seek = {
  consumerId: number(1),
  requestId: number(2),
  messageId: optional(nested(3, messageIdData)),
  messagePublishTime: optional(number(4)),
}

export const closeConsumer = {
  consumerId: number(1),
  requestId: number(2),
  assignedBrokerServiceUrl: optional(text(3)),
  assignedBrokerServiceUrlTls: optional(text(4)),
}

export const redeliverUnacknowledged = {
  consumerId: number(1),
  messageIds: repeated(nested(2, messageIdData)),
  consumerEpoch: optional(number(3)),
}

export const getLastMessageIdResponse = {
  lastMessageId: nested(1, messageIdData),
  requestId: number(2),
  markDeletePosition: optional(nested(3, messageIdData)),
}
