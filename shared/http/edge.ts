import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { secureHeaders } from 'hono/secure-headers'
import { within } from '../kernel/within.ts'
import type { Logger } from '../telemetry/logger.ts'
import { type AccessOptions, access } from './access.ts'
import type { EdgeApp, EdgeEnv } from './edge-env.ts'
import { type HttpProblem, problem, problemResponse, toProblem } from './problem.ts'
import { requestId } from './request-id.ts'
import { continueTrace } from './trace-context.ts'

export interface EdgeOptions extends AccessOptions {
  /** Most milliseconds until the answer begins; then 503. Default 30,000. */
  readonly timeoutMs?: number
  /** How an error is answered. Default: as problem details. */
  readonly answerProblem?: (c: Context, error: HttpProblem) => Response
}

/**
 * An application with what every request gets: `x-request-id` kept or made, `traceparent` continued,
 * security headers, a deadline, a log line, metrics, and errors as `application/problem+json`.
 */
export const edgeApp = (options: EdgeOptions): EdgeApp => {
  const app = new OpenAPIHono<EdgeEnv>()
  const answerProblem = options.answerProblem ?? problemResponse
  app.use(identify, access(options), headers(), headLength)
  const onMethodNotAllowed = (c: Context, methods: string[]) =>
    c.req.method === 'OPTIONS'
      ? new Response(null, { status: 204, headers: { allow: [...methods, 'OPTIONS'].join(', ') } })
      : answerProblem(c, notAllowed(c.req.path, methods.join(', ')))
  app.use(methodNotAllowed({ app, onMethodNotAllowed }), deadline(options.timeoutMs ?? 30_000))
  app.notFound((c) =>
    answerProblem(
      c,
      problem(
        'not-found',
        404,
        `There is no ${c.req.method} ${c.req.path}. GET /docs shows what there is.`,
      ),
    ),
  )
  app.onError((error, c) => {
    const answer = toProblem(error)
    logFailure(options.logger, error, answer, c.get('requestId'))
    return answerProblem(c, answer)
  })
  return app
}

const notAllowed = (path: string, methods: string) =>
  problem('method-not-allowed', 405, `${path} takes ${methods}.`, { headers: { allow: methods } })

const logFailure = (logger: Logger, error: Error, { status, slug }: HttpProblem, id: string) => {
  if (status < 500) return
  logger[status === 500 ? 'error' : 'warn']({ err: error, request_id: id, slug }, 'request failed')
}

const identify = createMiddleware<EdgeEnv>(async (c, next) => {
  const id = requestId(c.req.header('x-request-id'))
  c.set('requestId', id)
  c.set('trace', continueTrace(c.req.header('traceparent'), c.req.header('tracestate')))
  await next()
  c.res.headers.set('x-request-id', id)
})

// Without it the server says 0, which is the length of a HEAD answer and not of what GET would send.
const headLength = createMiddleware(async (c, next) => {
  await next()
  const { headers, body } = c.res
  const streams = headers.get('content-type')?.startsWith('text/event-stream')
  if (c.req.method !== 'HEAD' || body === null || streams) return
  headers.set('content-length', String((await c.res.clone().arrayBuffer()).byteLength))
})

// Whoever ends TLS sets HSTS. The documentation page brings its own policy.
const headers = () =>
  secureHeaders({
    overwrite: false,
    strictTransportSecurity: false,
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  })

const deadline = (milliseconds: number) =>
  createMiddleware((_c, next) =>
    within(milliseconds, next(), () =>
      problem('timeout', 503, `There was no answer within ${milliseconds / 1000} s.`),
    ),
  )
