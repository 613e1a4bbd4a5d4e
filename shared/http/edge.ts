import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { cors } from 'hono/cors'
import { createMiddleware } from 'hono/factory'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { secureHeaders } from 'hono/secure-headers'
import { type AccessOptions, access } from './access.ts'
import type { EdgeApp, EdgeEnv } from './edge-env.ts'
import { problem, problemResponse, toProblem } from './problem.ts'
import { requestId } from './request-id.ts'
import { continueTrace } from './trace-context.ts'

export interface EdgeOptions extends AccessOptions {
  /** Origins that browsers may call from. Default: none, no CORS header at all. */
  readonly cors?: readonly string[]
  /** Most milliseconds until the answer begins; then 503. Default 30,000. */
  readonly timeoutMs?: number
}

/**
 * An application with what every request gets: `x-request-id` kept or made, `traceparent` continued,
 * security headers, a deadline, a log line, metrics, and errors as `application/problem+json`.
 */
export const edgeApp = (options: EdgeOptions): EdgeApp => {
  const app = new OpenAPIHono<EdgeEnv>()
  app.use(identify, access(options), headers())
  if (options.cors) app.use(cors({ origin: [...options.cors], exposeHeaders }))
  app.use(methodNotAllowed({ app, onMethodNotAllowed }), deadline(options.timeoutMs ?? 30_000))
  app.notFound((c) =>
    problemResponse(c, problem('not-found', 404, `There is no ${c.req.method} ${c.req.path}.`)),
  )
  app.onError((error, c) => {
    const answer = toProblem(error)
    if (answer.status >= 500)
      options.logger[answer.status === 500 ? 'error' : 'warn'](
        { err: error, request_id: c.get('requestId'), slug: answer.slug },
        'request failed',
      )
    return problemResponse(c, answer)
  })
  return app
}

const onMethodNotAllowed = (c: Context, methods: string[]) =>
  problemResponse(
    c,
    problem('method-not-allowed', 405, `${c.req.path} takes ${methods.join(', ')}.`, {
      headers: { allow: methods.join(', ') },
    }),
  )

const exposeHeaders = [
  'etag',
  'link',
  'location',
  'preference-applied',
  'retry-after',
  'x-request-id',
]

const identify = createMiddleware<EdgeEnv>(async (c, next) => {
  const id = requestId(c.req.header('x-request-id'))
  c.set('requestId', id)
  c.set('trace', continueTrace(c.req.header('traceparent'), c.req.header('tracestate')))
  await next()
  c.res.headers.set('x-request-id', id)
})

// Whoever ends TLS sets HSTS. The documentation page brings its own policy.
const headers = () =>
  secureHeaders({
    overwrite: false,
    strictTransportSecurity: false,
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  })

const deadline = (milliseconds: number) =>
  createMiddleware(async (_c, next) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(problem('timeout', 503, `There was no answer within ${milliseconds / 1000} s.`))
      }, milliseconds)
    })
    try {
      await Promise.race([next(), late])
    } finally {
      clearTimeout(timer)
    }
  })
