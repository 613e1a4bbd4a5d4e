import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { EdgeEnv } from './edge-env.ts'

export interface AccessOptions {
  readonly name: string
  readonly logger: Logger
  readonly metrics: Metrics
}

const probes = new Set(['/livez', '/readyz', '/metrics'])

/**
 * One log line and one measurement a request. Fields are allow-listed: the path without its query
 * (a query may carry a ticket), no header, no body.
 */
export const access = ({ name, logger, metrics }: AccessOptions) =>
  createMiddleware<EdgeEnv>(async (c, next) => {
    const begun = performance.now()
    metrics.httpInFlight.inc({ app: name })
    try {
      await next()
    } finally {
      metrics.httpInFlight.dec({ app: name })
      const seconds = (performance.now() - begun) / 1000
      const { method, path } = c.req
      const { status } = c.res
      metrics.httpRequests.observe({ app: name, method, route: routeOf(c), status }, seconds)
      logger[probes.has(path) ? 'debug' : 'info'](
        {
          method,
          path: path.slice(0, 256),
          status,
          ms: Math.round(seconds * 1e5) / 100,
          request_id: c.get('requestId'),
          correlation_id: c.get('correlationId'),
          trace_id: c.get('trace').traceId,
        },
        'request',
      )
    }
  })

// Labels come from the routes, never from the path: a scanner must not make a time series a guess.
const routeOf = (c: Parameters<typeof routePath>[0]): string => {
  const path = routePath(c, -1)
  return path.endsWith('*') ? 'unmatched' : path
}
