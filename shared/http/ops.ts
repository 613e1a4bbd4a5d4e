import { type Context, Hono } from 'hono'
import type { Check } from '../runtime/role.ts'
import type { Metrics } from '../telemetry/metrics.ts'

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
 * `?verbose` gives one JSON line a check) and `/metrics` (Prometheus text). Mount it beside an API
 * (`app.route('/', opsApp(...))`) or serve it alone on OPS_PORT.
 */
export const opsApp = (options: OpsOptions): Hono =>
  new Hono()
    .get('/livez', (c) => c.json({ status: 'live' }, 200, uncached))
    .get('/readyz', async (c) => ready(c, await findings(options)))
    .get('/metrics', async (c) => {
      const { registry } = options.metrics
      return c.body(await registry.metrics(), 200, {
        'content-type': registry.contentType,
        ...uncached,
      })
    })

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

const bounded = async (checks: OpsOptions['checks'], patienceMs: number) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<readonly Check[]>((resolve) => {
    const detail = `no answer in ${patienceMs} ms`
    timer = setTimeout(() => resolve([{ name: 'checks', ok: false, detail }]), patienceMs)
  })
  try {
    return await Promise.race([checks(), late])
  } catch (error) {
    return [{ name: 'checks', ok: false, detail: error instanceof Error ? error.name : 'failed' }]
  } finally {
    clearTimeout(timer)
  }
}
