import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { createLogger } from '../telemetry/logger.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { serve } from '../runtime/serve.ts'
import { type BodyOptions, readJson } from './body.ts'
import { edgeApp } from './edge.ts'

const schema = z.strictObject({ name: z.string().optional(), tags: z.array(z.string()).optional() })

const appOf = (options?: BodyOptions) => {
  const app = edgeApp({
    name: 'test',
    logger: createLogger({ level: 'silent', name: 'test' }),
    metrics: createMetrics({ process: false }),
  })
  app.post('/', async (c) => c.json(await readJson(c, schema, options)))
  return app
}

const json = { 'content-type': 'application/json' }
const post = async (
  body: string | Uint8Array<ArrayBuffer> | null,
  headers: Record<string, string> = json,
  options?: BodyOptions,
) => {
  const answer = await appOf(options).request('/', { method: 'POST', body, headers })
  return { status: answer.status, body: (await answer.json()) as Problem }
}
interface Problem {
  readonly type: string
  readonly detail: string
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[]
}

describe('a body', () => {
  test('of the right form is parsed', async () => {
    expect(await post('{"name":"Ana","tags":["a"]}')).toEqual({
      status: 200,
      body: { name: 'Ana', tags: ['a'] } as never,
    })
  })
  test('of another media type is refused with 415, whatever it holds', async () => {
    for (const type of [
      'text/plain',
      'application/xml',
      'application/json; charset=latin1',
      'json',
    ])
      expect((await post('{}', { 'content-type': type })).status).toBe(415)
    expect((await post(new Uint8Array([123, 125]), {})).status).toBe(415)
  })
  test('without a media type is refused with words that say so', async () => {
    for (const headers of [{}, { 'content-type': '' }]) {
      const { body } = await post(new Uint8Array([123, 125]), headers as Record<string, string>)
      expect(body.detail).toBe(
        'The body must be application/json in UTF-8; it has no content-type.',
      )
    }
  })
  test('that is compressed is refused with 415, not taken for broken text', async () => {
    const packed = Bun.gzipSync(new TextEncoder().encode('{}'))
    const refused = await post(packed, { ...json, 'content-encoding': 'gzip' })
    expect(refused.status).toBe(415)
    expect(refused.body.detail).toContain('gzip')
    expect((await post('{}', { ...json, 'content-encoding': 'identity' })).status).toBe(200)
  })
  test('that lacks a field or holds no date says what is asked for', async () => {
    const app = appOf()
    app.post('/strict', async (c) =>
      c.json(await readJson(c, z.object({ at: z.iso.datetime(), id: z.uuid() }))),
    )
    const answer = await app.request('/strict', {
      method: 'POST',
      body: '{"at":"tomorrow"}',
      headers: json,
    })
    expect(((await answer.json()) as Problem).errors).toEqual([
      { pointer: '/at', detail: 'a time with its offset, such as 2030-06-01T10:00:00Z' },
      { pointer: '/id', detail: 'this field is missing' },
    ])
  })
  test('of a JSON media type with a suffix or in UTF-8 is read', async () => {
    for (const type of ['application/vnd.aero+json', 'Application/JSON; charset=UTF-8'])
      expect((await post('{}', { 'content-type': type })).status).toBe(200)
  })
  test('that is missing is refused, unless it may be', async () => {
    expect((await post('')).status).toBe(400)
    expect(await post('', json, { allowEmpty: true })).toEqual({ status: 200, body: {} as never })
    expect(await post(null, {}, { allowEmpty: true })).toEqual({ status: 200, body: {} as never })
    expect((await post('{}', {}, { allowEmpty: true })).status).toBe(415)
  })
  test('of 2 MB is refused with 413', async () => {
    const { status, body } = await post(JSON.stringify({ name: 'x'.repeat(2_000_000) }))
    expect(status).toBe(413)
    expect(body.type).toBe('urn:aeroalpes:problem:payload-too-large')
  })
  test('of exactly the limit is read', async () => {
    const text = JSON.stringify({ name: 'x'.repeat(89) })
    expect((await post(text, json, { maxBytes: 100 })).status).toBe(200)
    expect((await post(` ${text}`, json, { maxBytes: 100 })).status).toBe(413)
  })
  test('that is cut off is refused, naming the position', async () => {
    const { status, body } = await post('{"name": "Ana"')
    expect(status).toBe(400)
    expect(body.type).toBe('urn:aeroalpes:problem:malformed-json')
    expect(body.detail).toContain('offset 14')
  })
  test('that is no UTF-8 is refused', async () => {
    expect((await post(new Uint8Array([0x22, 0xff, 0x22]))).status).toBe(400)
  })
  test('nested deeper than 32 levels is refused before it is parsed', async () => {
    for (const depth of [33, 400_000]) {
      const { status, body } = await post('['.repeat(depth))
      expect(status).toBe(400)
      expect(body.detail).toContain('32')
    }
  })
  test('with brackets inside a text is not deep', async () => {
    expect((await post(JSON.stringify({ name: `\\"${'['.repeat(100)}` }))).status).toBe(200)
  })
  test('with a NUL or half a surrogate pair is refused, pointing at it', async () => {
    for (const name of ['a\\u0000b', '\\ud800', 'x\\uDfffy']) {
      const { status, body } = await post(`{"tags":["fine","${name}"]}`)
      expect(status).toBe(400)
      expect(body.errors[0]?.pointer).toBe('/tags/1')
    }
    expect((await post('{"\\u0000":1}')).status).toBe(400)
  })
  test('with a whole surrogate pair is read', async () => {
    expect((await post('{"name":"\\ud83d\\ude00"}')).body as unknown).toEqual({ name: '😀' })
  })
  test('with wrong and unknown fields is refused, pointing at each', async () => {
    const { status, body } = await post('{"name":1,"tags":["a",2],"a/b":1,"c~d":2}')
    expect(status).toBe(400)
    expect(body.errors.map(({ pointer }) => pointer).toSorted()).toEqual(
      ['/name', '/tags/1', '/a~1b', '/c~0d'].toSorted(),
    )
  })
  test('with a hundred thousand faults is answered with the first fifty', async () => {
    const tags = Array.from({ length: 100_000 }, () => 1)
    expect((await post(JSON.stringify({ tags }))).body.errors).toHaveLength(50)
  })
})

describe('a body that comes in chunks, over a real connection', () => {
  const sent = async (body: ReadableStream<Uint8Array>, options: BodyOptions) => {
    const server = serve({ fetch: appOf(options).fetch, host: '127.0.0.1', port: 0 })
    try {
      return await fetch(server.url, { method: 'POST', headers: json, body })
    } finally {
      await server.stop()
    }
  }
  test('is refused with 413 when it passes the limit, though it never ends', async () => {
    const chunk = new TextEncoder().encode(`"${'x'.repeat(65_534)}`)
    const endless = new ReadableStream<Uint8Array>({ pull: (to) => to.enqueue(chunk) })
    expect((await sent(endless, {})).status).toBe(413)
  })
  test('is refused with 408 when the sender takes its time', async () => {
    const stalled = new ReadableStream<Uint8Array>({
      start: (to) => to.enqueue(new TextEncoder().encode('{"name":')),
    })
    expect((await sent(stalled, { timeoutMs: 100 })).status).toBe(408)
  })
})
