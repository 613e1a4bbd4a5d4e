import { PulsarError, type PulsarErrorCode } from '../../pulsar/errors.ts'

/** The addon's errors end in the name of a result: pulsar/c/result.h of the C++ client. */
const codes: Readonly<Record<string, PulsarErrorCode>> = {
  AlreadyClosed: 'closed',
  AuthenticationError: 'authentication',
  AuthorizationError: 'authorization',
  ConnectError: 'connection',
  ConsumerBusy: 'consumer-busy',
  Disconnected: 'connection',
  IncompatibleSchema: 'incompatible-schema',
  InvalidTopicName: 'invalid-topic-name',
  LookupError: 'service-not-ready',
  MessageTooBig: 'message-too-big',
  NotConnected: 'connection',
  ProducerBusy: 'producer-busy',
  ProducerFenced: 'producer-fenced',
  ProducerQueueIsFull: 'queue-full',
  ReadError: 'connection',
  Retryable: 'service-not-ready',
  ServiceUnitNotReady: 'service-not-ready',
  Timeout: 'timeout',
  TimeOut: 'timeout',
  TooManyLookupRequestException: 'too-many-requests',
  TopicNotFound: 'topic-not-found',
}

/** What the addon threw, as the error of our own client. */
export const asPulsarError = (thrown: unknown): PulsarError => {
  if (thrown instanceof PulsarError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const [, result = ''] = /(?:\bResult)?(\w+)$/.exec(message) ?? []
  return new PulsarError(codes[result] ?? 'unknown', message, { cause: thrown })
}

/** Waits for the addon; rejects with `PulsarError`. */
export const told = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
  try {
    return await answer
  } catch (thrown) {
    throw asPulsarError(thrown)
  }
}
