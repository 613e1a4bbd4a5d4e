import { describe, expect, test } from 'bun:test'
import { Invalid, Misuse, Transient } from '../kernel/fates.ts'
import { createLogger } from '../telemetry/logger.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { serve } from '../runtime/serve.ts'
import { edgeApp, type EdgeOptions } from './edge.ts'
import { problem } from './problem.ts'

const edge = (options: Partial<EdgeOptions> = {}) => {
  const lines: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const metrics = createMetrics({ process: false })
  const app = edgeApp({
    name: 'test',
    logger: createLogger({ level: 'info', name: 'test', destination }),
    metrics,
    ...options,
  })
  return { app, lines, metrics }
}
const failing = (error: unknown) => {
  const made = edge()
  made.app.get('/', () => {
    throw error
  })
  return made
}

describe('x-request-id', () => {
  test('is kept when it is 1 to 128 visible ASCII characters, on errors too', async () => {
    for (const id of ['a', 'x'.repeat(128), '~!:/"']) {
      const answer = await edge().app.request('/nowhere', { headers: { 'x-request-id': id } })
      expect(answer.headers.get('x-request-id')).toBe(id)
    }
  })
  test('is replaced when it is anything else', async () => {
    for (const id of ['', 'x'.repeat(129), 'a b', 'é']) {
      const answer = await edge().app.request('/', { headers: { 'x-request-id': id } })
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    }
  })
})

describe('errors', () => {
  test('become problem details of their status', async () => {
    const cases: readonly (readonly [error: unknown, status: number, slug: string])[] = [
      [new Invalid('no'), 400, 'invalid-request'],
      [new Invalid('big', [], 'message-too-large'), 413, 'message-too-large'],
      [new Transient('broker-unavailable', 'away'), 503, 'broker-unavailable'],
      [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 503, 'database-unavailable'],
      [Object.assign(new Error('x'), { code: '55P03' }), 503, 'database-busy'],
      [Object.assign(new Error('x'), { code: '57014' }), 503, 'timeout'],
      [new Misuse('nested', 'x'), 500, 'internal-error'],
      [problem('no-seats', 409, 'none left'), 409, 'no-seats'],
    ]
    for (const [error, status, slug] of cases) {
      const answer = await failing(error).app.request('/')
      expect(answer.status).toBe(status)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(await answer.json()).toMatchObject({
        type: `urn:aeroalpes:problem:${slug}`,
        status,
        title: expect.any(String),
        detail: expect.any(String),
        instance: '/',
      })
      expect(answer.headers.has('retry-after')).toBe(status === 503)
    }
  })
  test('that nobody foresaw tell nothing to the caller and everything to the log', async () => {
    const { app, lines } = failing(new Error('the secret is 42'))
    const answer = await app.request('/')
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('42')
    expect(JSON.stringify(lines)).toContain('the secret is 42')
  })
  test('of a path nobody knows are 404, of a method nobody takes 405 with Allow', async () => {
    const { app } = edge()
    app.post('/things', (c) => c.json({}))
    expect((await app.request('/nowhere')).status).toBe(404)
    const answer = await app.request('/things', { method: 'DELETE' })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })
  test('OPTIONS tells the methods that a path takes', async () => {
    const { app } = edge()
    app.get('/things', (c) => c.json({}))
    const answer = await app.request('/things', { method: 'OPTIONS' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
    expect(answer.headers.has('content-type')).toBe(false)
    expect((await app.request('/nowhere', { method: 'OPTIONS' })).status).toBe(404)
  })
  test('HEAD tells the length that GET would have', async () => {
    const { app } = edge()
    app.get('/', (c) => c.json({ café: 1 }))
    const server = serve({ fetch: (request) => app.fetch(request), host: '127.0.0.1', port: 0 })
    try {
      const head = await fetch(server.url, { method: 'HEAD' })
      expect(head.headers.get('content-length')).toBe('11')
    } finally {
      await server.stop()
    }
  })
  test('of an answer that does not come in time are 503', async () => {
    const { app } = edge({ timeoutMs: 10 })
    app.get('/', () => new Promise<Response>(() => undefined))
    const answer = await app.request('/')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ type: 'urn:aeroalpes:problem:timeout' })
  })
})

describe('every answer', () => {
  test('carries security headers, and no CORS header', async () => {
    const origin = { origin: 'https://app.example' }
    const closed = await edge().app.request('/', { headers: origin })
    expect(closed.headers.get('x-content-type-options')).toBe('nosniff')
    expect(closed.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(closed.headers.has('access-control-allow-origin')).toBe(false)
  })
  test('is logged by allow-listed fields: no query, no header, no body', async () => {
    const { app, lines } = edge()
    app.post('/things/:id', (c) => c.json({}))
    const headers = { authorization: 'Bearer hidden-token', 'user-agent': 'hidden-agent' }
    await app.request('/things/7?ticket=hidden', { method: 'POST', headers, body: 'hidden-body' })
    expect(JSON.stringify(lines)).not.toContain('hidden')
    expect(Object.keys(lines[0] ?? {}).toSorted()).toEqual(
      [
        'level',
        'time',
        'name',
        'method',
        'path',
        'status',
        'ms',
        'request_id',
        'trace_id',
        'msg',
      ].toSorted(),
    )
  })
  test('is measured by route, so that a scanner makes no new series', async () => {
    const { app, metrics } = edge()
    app.get('/things/:id', (c) => c.json({}))
    for (const path of ['/things/1', '/things/2', '/scan-1', '/scan-2']) await app.request(path)
    const text = await metrics.registry.metrics()
    expect(text).toContain('route="/things/:id",status="200"} 2')
    expect(text).toContain('route="unmatched",status="404"} 2')
    expect(text).not.toContain('scan')
    expect(text).toContain('http_server_active_requests{app="test"} 0')
  })
})
