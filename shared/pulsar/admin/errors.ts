/**
 * What kept an administrative call from being done:
 *
 * - `not-found`: a tenant, namespace, topic, subscription or schema of the call does not exist (404).
 * - `conflict`: it exists already, or its present state forbids the call (409), or Pulsar takes the
 *   value itself for a condition that is not met (412: a negative time to live, a consumer still there).
 * - `unauthorised`: no token, a wrong one, or one whose role may not do this (401, 403).
 * - `invalid`: Pulsar does not take the input (400, 405, 406, 415, 422).
 * - `unreachable`: no answer, or one that says that Pulsar is not ready (5xx, 307 without end). The
 *   same call may succeed later; whether this one took effect is not known.
 */
export type AdminErrorKind = 'not-found' | 'conflict' | 'unauthorised' | 'invalid' | 'unreachable'

/** Thrown by every call of the admin client; the message says what was asked, what was said, what to do. */
export class PulsarAdminError extends Error {
  override readonly name = 'PulsarAdminError'
  readonly kind: AdminErrorKind
  /** The HTTP status; undefined when no answer came. */
  readonly status: number | undefined
  /** All that Pulsar gave as its reason; it may have many lines. */
  readonly reason: string

  constructor(
    kind: AdminErrorKind,
    message: string,
    answer: { readonly status?: number; readonly reason?: string },
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.kind = kind
    this.status = answer.status
    this.reason = answer.reason ?? ''
  }

  get retriable(): boolean {
    return this.kind === 'unreachable'
  }
}

const advice: Readonly<Record<AdminErrorKind, string>> = {
  'not-found': 'Create it first, or check the name.',
  conflict: 'Look at what is there before you try again.',
  unauthorised: 'Give a token whose role was granted this.',
  invalid: 'Correct the input.',
  unreachable: 'Try again when Pulsar is ready.',
}

const kinds: Readonly<Record<number, AdminErrorKind>> = {
  400: 'invalid',
  401: 'unauthorised',
  403: 'unauthorised',
  404: 'not-found',
  405: 'invalid',
  406: 'invalid',
  409: 'conflict',
  412: 'conflict',
  415: 'invalid',
  422: 'invalid',
}

/** The error for an answer that is none of success. `call` is method and path. */
export function refused(call: string, status: number, body: string): PulsarAdminError {
  const kind = kinds[status] ?? (status < 500 && status >= 400 ? 'invalid' : 'unreachable')
  const reason = reasonIn(body)
  const message = `${call}: ${essence(reason) || `HTTP ${status}`}. ${advice[kind]}`
  return new PulsarAdminError(kind, message, { status, reason })
}

export function unreachable(call: string, base: string, cause: unknown): PulsarAdminError {
  const said = cause instanceof Error ? cause.message : String(cause)
  // Bun's advice is for whoever calls fetch.
  const why = said.replace(/ For more information, pass `verbose.*/, '')
  const message = `${call}: no answer from ${base} (${why}). Is Pulsar running, and is that its admin address?`
  return new PulsarAdminError('unreachable', message, {}, { cause })
}

/** Pulsar says why in JSON; whatever else comes, such as Jetty's own pages, says nothing. */
function reasonIn(body: string): string {
  try {
    const { reason } = JSON.parse(body) as { reason?: unknown }
    return typeof reason === 'string' ? reason : ''
  } catch {
    return ''
  }
}

/** The first line of a reason; of an error that Pulsar did not expect, its message without the stack. */
export function essence(reason: string): string {
  const [, unexpected] = /^Message: (.*)$/m.exec(reason) ?? []
  return (unexpected ?? reason.split('\n')[0] ?? '').trim().replace(/[.:]$/, '')
}
