/** Names of `ServerError` in PulsarApi.proto by their number: what a broker can answer. */
const serverErrors = [
  'unknown',
  'metadata',
  'persistence',
  'authentication',
  'authorization',
  'consumer-busy',
  'service-not-ready',
  'producer-blocked-quota',
  'producer-blocked-quota',
  'checksum',
  'unsupported-version',
  'topic-not-found',
  'subscription-not-found',
  'consumer-not-found',
  'too-many-requests',
  'topic-terminated',
  'producer-busy',
  'invalid-topic-name',
  'incompatible-schema',
  'consumer-assign',
  'transaction-coordinator-not-found',
  'invalid-transaction-status',
  'not-allowed',
  'transaction-conflict',
  'transaction-not-found',
  'producer-fenced',
] as const

type ClientErrorCode =
  | 'certificate'
  | 'closed'
  | 'connection'
  | 'invalid-argument'
  | 'message-too-big'
  | 'missing-package'
  | 'protocol'
  | 'queue-full'
  | 'sequence-not-ascending'
  | 'timeout'
  | 'unreadable-value'

export type PulsarErrorCode = (typeof serverErrors)[number] | ClientErrorCode

/** Everything not named here stays wrong however often it is tried. */
const retriableCodes: ReadonlySet<PulsarErrorCode> = new Set<PulsarErrorCode>([
  'unknown',
  'metadata',
  'persistence',
  'service-not-ready',
  'producer-blocked-quota',
  'checksum',
  'too-many-requests',
  'connection',
  'queue-full',
  'timeout',
])

/**
 * Every failure this client reports. `code` says which; `retriable` is true when the same call may
 * succeed later without a change by the caller. Codes of the broker: `ServerError`, PulsarApi.proto.
 */
export class PulsarError extends Error {
  override readonly name = 'PulsarError'
  readonly code: PulsarErrorCode
  readonly retriable: boolean

  constructor(code: PulsarErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.retriable = retriableCodes.has(code)
  }
}

/** The typed error for a `ServerError` number; a number of a newer broker becomes `unknown`. */
export const serverError = (code: number, message: string): PulsarError =>
  new PulsarError(serverErrors[code] ?? 'unknown', message)

/** Anything thrown, as a `PulsarError`: what is not one yet becomes `connection`, its cause kept. */
export const asPulsarError = (thrown: unknown): PulsarError => {
  if (thrown instanceof PulsarError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new PulsarError('connection', message, { cause: thrown })
}
