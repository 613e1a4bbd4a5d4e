import { schemaData } from './common-tables.ts'
import { blob, boolean, nested, number, optional, text } from './table.ts'

const featureFlags = {
  supportsAuthRefresh: optional(boolean(1)),
  supportsBrokerEntryMetadata: optional(boolean(2)),
  supportsPartialProducer: optional(boolean(3)),
  supportsTopicWatchers: optional(boolean(4)),
}

const authData = { authMethodName: optional(text(1)), authData: optional(blob(2)) }

export const connect = {
  clientVersion: text(1),
  authData: optional(blob(3)),
  protocolVersion: optional(number(4)),
  authMethodName: optional(text(5)),
  proxyToBrokerUrl: optional(text(6)),
  featureFlags: optional(nested(10, featureFlags)),
}

export const connected = {
  serverVersion: text(1),
  protocolVersion: optional(number(2)),
  maxMessageSize: optional(number(3)),
  featureFlags: optional(nested(4, featureFlags)),
}

export const authChallenge = {
  serverVersion: optional(text(1)),
  challenge: optional(nested(2, authData)),
  protocolVersion: optional(number(3)),
}

export const authResponse = {
  clientVersion: optional(text(1)),
  response: optional(nested(2, authData)),
  protocolVersion: optional(number(3)),
}

export const empty = {}

export const success = { requestId: number(1), schema: optional(nested(2, schemaData)) }

export const error = { requestId: number(1), error: number(2), message: text(3) }
