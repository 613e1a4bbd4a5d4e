import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { type Fault, Invalid, Transient } from '../kernel/fates.ts'
import { databaseTrouble, errorCode } from '../postgres/errors.ts'

/** What can go wrong at any edge: slug -> status and title. Roles may throw slugs of their own. */
export const commonProblems = {
  'invalid-request': [400, 'The request is not valid'],
  'malformed-json': [400, 'The body is not JSON'],
  unauthenticated: [401, 'Who you are is not known'],
  forbidden: [403, 'You may not do this'],
  'not-found': [404, 'There is nothing here'],
  'method-not-allowed': [405, 'This method does not work here'],
  'request-timeout': [408, 'The request took too long to arrive'],
  conflict: [409, 'The current state does not allow this'],
  gone: [410, 'It was here, and is no more'],
  'payload-too-large': [413, 'The body is too large'],
  'message-too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'The body is of a type that is not read here'],
  'idempotency-key-reused': [422, 'The key was used for another request'],
  'too-many-requests': [429, 'Too many requests'],
  'internal-error': [500, 'Something broke on our side'],
  'broker-unavailable': [503, 'The broker is away'],
  'database-unavailable': [503, 'The database is away'],
  'database-busy': [503, 'The database is busy'],
  overloaded: [503, 'There is too much to do just now'],
  timeout: [503, 'The answer took too long'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>

export type CommonSlug = keyof typeof commonProblems

export interface ProblemExtras {
  readonly title?: string
  readonly errors?: readonly Fault[]
  /** Seconds, sent as `Retry-After`. Every 503 and 429 gets at least 1. */
  readonly retryAfter?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Extension members (RFC 9457 section 3.2). */
  readonly extensions?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** An answer in `application/problem+json` (RFC 9457) that can be thrown from anywhere below an edge. */
export class HttpProblem extends Error {
  readonly slug: string
  readonly status: number
  readonly extras: ProblemExtras

  constructor(slug: string, status: number, detail: string, extras: ProblemExtras = {}) {
    super(detail, { cause: extras.cause })
    this.name = 'HttpProblem'
    this.slug = slug
    this.status = status
    this.extras = extras
  }
}

/** `throw problem('not-found', 404, 'there is no reservation 0197…')` */
export const problem = (slug: string, status: number, detail: string, extras?: ProblemExtras) =>
  new HttpProblem(slug, status, detail, extras)

export const problemType = (slug: string): string => `urn:aeroalpes:problem:${slug}`

export const problemTitle = (slug: string): string =>
  isCommon(slug) ? commonProblems[slug][1] : capitalised(slug.replaceAll('-', ' '))

const isCommon = (slug: string): slug is CommonSlug => Object.hasOwn(commonProblems, slug)
const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/**
 * The one table error -> problem. An error that nobody foresaw becomes a 500 that tells nothing of it;
 * `edgeApp` logs it.
 */
export const toProblem = (error: unknown): HttpProblem => {
  if (error instanceof HttpProblem) return error
  if (error instanceof HTTPException) return ofStatus(error.status, error.message)
  if (error instanceof Invalid)
    return problem(
      error.slug,
      isCommon(error.slug) ? commonProblems[error.slug][0] : 400,
      error.message,
      error.faults.length > 0 ? { errors: error.faults } : {},
    )
  if (error instanceof Transient) return problem(error.slug, 503, error.message, { cause: error })
  return ofDatabase(error)
}

/** SQLSTATE of a statement that ran into `statement_timeout`. */
const cancelled = '57014'

const ofDatabase = (error: unknown): HttpProblem => {
  if (errorCode(error) === cancelled)
    return problem('timeout', 503, 'The answer took too long. Ask for less, or try again.', {
      cause: error,
    })
  switch (databaseTrouble(error)) {
    case 'away':
      return problem('database-unavailable', 503, 'The database cannot be reached. Try again.', {
        cause: error,
      })
    case 'contention':
      return problem('database-busy', 503, 'The rows are in use elsewhere. Try again.', {
        cause: error,
      })
    case 'other':
      return problem('internal-error', 500, 'The request could not be answered. It was logged.', {
        cause: error,
      })
  }
}

const ofStatus = (status: number, detail: string): HttpProblem => {
  const slug = Object.entries(commonProblems).find(([, [known]]) => known === status)?.[0]
  return problem(slug ?? `http-${status}`, status, detail)
}

/** The answer that carries `error`. `instance` is the path asked for. */
export const problemResponse = (c: Context, error: HttpProblem): Response => {
  const { slug, status, extras } = error
  const retryAfter = extras.retryAfter ?? (status === 503 || status === 429 ? 1 : undefined)
  const body = {
    type: problemType(slug),
    title: extras.title ?? problemTitle(slug),
    status,
    detail: error.message,
    instance: c.req.path,
    ...(extras.errors ? { errors: extras.errors } : {}),
    ...extras.extensions,
  }
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfter)) }),
      ...extras.headers,
    },
  })
}
