import { boolean, number, optional, repeated, text } from './table.ts'

export const partitionMetadata = {
  topic: text(1),
  requestId: number(2),
  metadataAutoCreationEnabled: optional(boolean(6)),
}

export const partitionMetadataResponse = {
  partitions: optional(number(1)),
  requestId: number(2),
  response: optional(number(3)),
  error: optional(number(4)),
  message: optional(text(5)),
}

export const lookup = {
  topic: text(1),
  requestId: number(2),
  authoritative: optional(boolean(3)),
  advertisedListenerName: optional(text(7)),
}

export const lookupResponse = {
  brokerServiceUrl: optional(text(1)),
  brokerServiceUrlTls: optional(text(2)),
  response: optional(number(3)),
  requestId: number(4),
  authoritative: optional(boolean(5)),
  error: optional(number(6)),
  message: optional(text(7)),
  proxyThroughServiceUrl: optional(boolean(8)),
}

export const getTopicsOfNamespace = {
  requestId: number(1),
  namespace: text(2),
  mode: optional(number(3)),
  topicsPattern: optional(text(4)),
  topicsHash: optional(text(5)),
}

export const getTopicsOfNamespaceResponse = {
  requestId: number(1),
  topics: repeated(text(2)),
  filtered: optional(boolean(3)),
  topicsHash: optional(text(4)),
  changed: optional(boolean(5)),
}

export const watchTopicList = {
  requestId: number(1),
  watcherId: number(2),
  namespace: text(3),
  topicsPattern: text(4),
  topicsHash: optional(text(5)),
}

export const watchTopicListSuccess = {
  requestId: number(1),
  watcherId: number(2),
  topic: repeated(text(3)),
  topicsHash: text(4),
}

export const watchTopicUpdate = {
  watcherId: number(1),
  newTopics: repeated(text(2)),
  deletedTopics: repeated(text(3)),
  topicsHash: text(4),
}

export const watchTopicListClose = { requestId: number(1), watcherId: number(2) }
