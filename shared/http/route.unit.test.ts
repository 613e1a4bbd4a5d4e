import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { createLogger } from '../telemetry/logger.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { documentRoutes, openApiDocument } from './documents.ts'
import { edgeApp } from './edge.ts'
import { mountRoutes, route } from './route.ts'

const thing = z.object({ id: z.uuid(), name: z.string() }).meta({ id: 'Thing' })
const rename = route({
  method: 'put',
  path: '/things/{id}',
  operationId: 'renameThing',
  summary: 'Renames a thing',
  secured: true,
  params: z.object({ id: z.uuid() }),
  query: z.object({ dry: z.enum(['yes', 'no']).default('no') }),
  headers: { 'if-match': 'the version seen' },
  body: { schema: z.strictObject({ name: z.string() }), example: { name: 'a' } },
  answers: {
    200: { description: 'renamed', schema: thing, headers: { etag: 'the version' } },
    204: { description: 'nothing to do' },
  },
  problems: ['not-found', 'database-unavailable', ['name-taken', 409]],
  handle: (c, { params, query, body }) => c.json({ ...params, ...query, ...body }),
})
const info = { title: 'Things', version: '1' }
const appWith = (...routes: ReturnType<typeof route>[]) => {
  const app = edgeApp({
    name: 'test',
    logger: createLogger({ level: 'silent', name: 'test' }),
    metrics: createMetrics({ process: false }),
  })
  mountRoutes(app, routes)
  documentRoutes(app, info)
  return app
}
const id = '0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f'

describe('a declared route', () => {
  const send = (path: string, body: unknown) =>
    appWith(rename).request(path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  test('gets its path, query and body parsed', async () => {
    const answer = await send(`/things/${id}?dry=yes`, { name: 'b' })
    expect(await answer.json()).toEqual({ id, dry: 'yes', name: 'b' })
  })
  test('is not reached by a wrong path, query or body; the pointer says where', async () => {
    for (const [path, body, pointer] of [
      ['/things/7', { name: 'b' }, '/path/id'],
      [`/things/${id}?dry=perhaps`, { name: 'b' }, '/query/dry'],
      [`/things/${id}`, { name: 7 }, '/name'],
    ] as const) {
      const answer = await send(path, body)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ errors: [{ pointer }] })
    }
  })
})

describe('the document', () => {
  test('states every answer of a route: its own, its problems and those of its parsing', () => {
    const { paths } = openApiDocument(appWith(rename), info)
    const { responses = {}, parameters = [], requestBody } = paths?.['/things/{id}']?.put ?? {}
    expect(Object.keys(responses)).toEqual([
      '200',
      '204',
      '400',
      '401',
      '404',
      '408',
      '409',
      '413',
      '415',
      '503',
    ])
    for (const [status, answer] of Object.entries(responses)) {
      expect(answer.headers).toHaveProperty('x-request-id')
      if (Number(status) >= 400) expect(answer.content).toHaveProperty(['application/problem+json'])
    }
    expect(responses['409'].content['application/problem+json'].examples).toHaveProperty(
      'name-taken',
    )
    expect(parameters.map((parameter) => 'name' in parameter && parameter.name)).toEqual([
      'id',
      'dry',
      'if-match',
    ])
    expect(requestBody).toHaveProperty(['content', 'application/json', 'example'], { name: 'a' })
  })
  test('is OpenAPI 3.1 without a dangling reference', async () => {
    const document = (await (await appWith(rename).request('/openapi.json')).json()) as Document
    expect(document.openapi).toStartWith('3.1')
    const text = JSON.stringify(document)
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name ?? '',
    )
    expect(names).toContain('Thing')
    for (const name of names) expect(document.components.schemas).toHaveProperty(name)
    expect(document.components.securitySchemes).toHaveProperty('bearer')
  })
})
interface Document {
  readonly openapi: string
  readonly components: Readonly<Record<'schemas' | 'securitySchemes', object>>
}

describe('the documentation page', () => {
  const app = appWith(rename)
  test('loads its parts from here alone, and its policy allows nothing else', async () => {
    const answer = await app.request('/docs')
    const html = await answer.text()
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '')
    expect(parts).toHaveLength(4)
    for (const path of parts) {
      expect(path).toStartWith('/docs/')
      expect((await app.request(path)).status).toBe(200)
    }
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toMatch(/http|\*|unsafe-eval/)
  })
  test('runs no script of its own in the page', async () => {
    expect(await (await app.request('/docs')).text()).not.toMatch(/<script>|\son\w+="/)
  })
  test('serves no other file of its library', async () => {
    for (const path of ['/docs/package.json', '/docs/../package.json', '/docs/index.html'])
      expect((await app.request(path)).status).toBe(404)
  })
})
