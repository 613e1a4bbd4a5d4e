import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { z } from 'zod'
import { within } from '../kernel/within.ts'
import type { Check } from '../runtime/role.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { EdgeApp, EdgeEnv } from './edge-env.ts'
import { mountRoutes, type Route, route } from './route.ts'

export interface OpsOptions {
  /** What `/readyz` asks, each time anew. One that throws or is late counts as failed. */
  readonly checks: () => Promise<readonly Check[]>
  /** Milliseconds until a check is late. Default 2000. */
  readonly patienceMs?: number
  /** True from the moment on when no new work should be sent here. */
  readonly draining: () => boolean
  readonly metrics: Pick<Metrics, 'registry'>
}

/**
 * `/livez` (the process answers), `/readyz` (200, or 503 while draining or while a check fails;
 * `?verbose` gives one JSON line a check) and `/metrics` (Prometheus text), for an application that
 * has routes of its own.
 */
export const opsRoutes = (options: OpsOptions): readonly Route[] => [
  route({
    ...common,
    path: '/livez',
    operationId: 'live',
    summary: 'Whether this process answers',
    answers: { 200: { description: 'It does', schema: z.object({ status: z.literal('live') }) } },
    handle: (c) => c.json({ status: 'live' }, 200, uncached),
  }),
  route({
    ...common,
    path: '/readyz',
    operationId: 'ready',
    summary: 'Whether work should be sent here',
    description: '`?verbose` gives one JSON line a check.',
    answers: readiness,
    handle: async (c) => ready(c, await findings(options)),
  }),
  route({
    ...common,
    path: '/metrics',
    operationId: 'metrics',
    summary: 'What was counted and measured, for Prometheus',
    answers: { 200: { description: 'Metrics', contentType: 'text/plain' } },
    async handle(c) {
      const { registry } = options.metrics
      const headers = { 'content-type': registry.contentType, ...uncached }
      return c.body(await registry.metrics(), 200, headers)
    },
  }),
]

/** The same to be served alone, on OPS_PORT. */
export const opsApp = (options: OpsOptions): EdgeApp => {
  const app = new OpenAPIHono<EdgeEnv>()
  mountRoutes(app, opsRoutes(options))
  return app
}

const common = { method: 'get', tags: ['operations'] } as const
const lines = ['application/x-ndjson']
const readiness = {
  200: {
    description: 'Every check is fine',
    schema: z.object({ status: z.literal('ready') }),
    alsoAs: lines,
  },
  503: {
    description: 'It is ending, or a check fails',
    schema: z.object({ status: z.literal('not ready'), failed: z.array(z.string()) }),
    alsoAs: lines,
    headers: { 'retry-after': 'seconds to wait' },
  },
}

const uncached = { 'cache-control': 'no-store' }

const ready = (c: Context, checks: readonly Check[]): Response => {
  const failed = checks.filter(({ ok }) => !ok)
  const status = failed.length === 0 ? 200 : 503
  const retry = status === 503 ? { 'retry-after': '1' } : undefined
  if (c.req.query('verbose') !== undefined)
    return c.body(checks.map((check) => `${JSON.stringify(check)}\n`).join(''), status, {
      'content-type': 'application/x-ndjson',
      ...uncached,
      ...retry,
    })
  const body =
    status === 200
      ? { status: 'ready' }
      : { status: 'not ready', failed: failed.map(({ name }) => name) }
  return c.json(body, status, { ...uncached, ...retry })
}

const findings = async ({
  checks,
  draining,
  patienceMs = 2000,
}: OpsOptions): Promise<readonly Check[]> => {
  const drain = draining()
    ? [{ name: 'draining', ok: false, detail: 'this process is ending' }]
    : []
  return [...drain, ...(await bounded(checks, patienceMs))]
}

class Late extends Error {}

const bounded = async (checks: OpsOptions['checks'], patienceMs: number) => {
  try {
    return await within(patienceMs, checks(), () => new Late())
  } catch (error) {
    // Only its name: what a driver says of an error may hold an address.
    const detail = error instanceof Error ? error.name : 'failed'
    return [
      {
        name: 'checks',
        ok: false,
        detail: error instanceof Late ? `no answer in ${patienceMs} ms` : detail,
      },
    ]
  }
}
