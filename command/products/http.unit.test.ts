import { describe, expect, test } from 'bun:test'
import { sign } from 'hono/jwt'
import { tokenVerifier } from '../../shared/identity/token-verifier.ts'
import { commandAppWith } from '../../tests/support/command-app.ts'

const product = { name: 'Mouse ergonomico', price: 39.9 }
const id = '0197a000-0000-7000-8000-000000000001'

const send = async (method: 'POST' | 'PUT', path: string, body: unknown) => {
  const under = commandAppWith()
  const answer = await under.app.request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const { errors = [] } = (await answer.json()) as { errors?: { pointer: string }[] }
  return {
    status: answer.status,
    pointers: [...new Set(errors.map(({ pointer }) => pointer))],
    sent: under.published.map(({ topic, envelope }) => ({
      topic: topic.split('/').at(-1),
      data: envelope.data as Record<string, unknown>,
    })),
  }
}

describe('what is sent on', () => {
  test('is a product with everything that was left out filled in, under its id as SKU', async () => {
    const { status, sent } = await send('POST', '/products', product)
    expect(status).toBe(202)
    const [{ topic, data } = {}] = sent
    expect(topic).toBe('products')
    expect(data).toEqual({
      ...product,
      product_id: expect.any(String),
      sku: data!['product_id'],
      currency: 'EUR',
      description: null,
      stock: 0,
    })
  })
  test('is of an update what was given, and nothing else', async () => {
    const { sent } = await send('PUT', `/products/${id}`, { description: null })
    expect(sent).toEqual([{ topic: 'products', data: { product_id: id, description: null } }])
  })
  test('is an adjustment of the stock, for the product', async () => {
    const { sent } = await send('POST', `/products/${id.toUpperCase()}/stock`, { delta: -2 })
    expect(sent).toEqual([{ topic: 'products', data: { product_id: id, delta: -2 } }])
  })
})

test.each([
  ['1e308', '/price'],
  ['1e400', '/price'],
  ['-0', '/price'],
  ['-1', '/price'],
  ['0.123456789012345', '/price'],
  ['39.901', '/price'],
  ['"39.90"', '/price'],
  ['"NaN"', '/price'],
  ['null', '/price'],
  ['[1]', '/price'],
])('a price of %s is 400 and nothing is sent', async (price, pointer) => {
  const { status, pointers, sent } = await send(
    'POST',
    '/products',
    `{"name":"x","price":${price}}`,
  )
  expect([status, pointers, sent]).toEqual([400, [pointer], []])
})

test.each([
  [JSON.stringify({ price: 0.5, currency: 'JPY' }), '/price'],
  [JSON.stringify({ currency: 'XYZ' }), '/currency'],
  [JSON.stringify({ currency: 'eur' }), '/currency'],
  [JSON.stringify({ currency: 'toString' }), '/currency'],
  [JSON.stringify({ currency: 7 }), '/currency'],
  [JSON.stringify({ name: '' }), '/name'],
  [JSON.stringify({ name: '   ' }), '/name'],
  [JSON.stringify({ sku: ' a' }), '/sku'],
  [JSON.stringify({ sku: '' }), '/sku'],
  [JSON.stringify({ description: 'bell \u0007' }), '/description'],
  [JSON.stringify({ stock: -1 }), '/stock'],
  [JSON.stringify({ stock: 1.5 }), '/stock'],
  [JSON.stringify({ stock: 1e10 }), '/stock'],
  [JSON.stringify({ colour: 'red' }), '/colour'],
])('a product with %s is 400 and nothing is sent', async (part, pointer) => {
  const { status, pointers, sent } = await send('POST', '/products', {
    ...product,
    ...JSON.parse(part),
  })
  expect([status, pointers, sent]).toEqual([400, [pointer], []])
})

test.each([
  ['name', 201],
  ['sku', 65],
  ['description', 5001],
])('a %s of %d characters is 400 and nothing is sent', async (field, length) => {
  const long = { ...product, [field]: 'x'.repeat(length) }
  const { status, pointers, sent } = await send('POST', '/products', long)
  expect([status, pointers, sent]).toEqual([400, [`/${field}`], []])
})

test.each([
  [JSON.stringify({ price: 0 })],
  [JSON.stringify({ price: 1500, currency: 'JPY' })],
  [JSON.stringify({ price: 1.125, currency: 'KWD' })],
  [JSON.stringify({ price: 9_999_999_999_999.99 })],
  [JSON.stringify({ description: 'two\nlines' })],
  [JSON.stringify({ sku: 'Größe 7/b' })],
])('a product with %s is taken', async (part) => {
  expect((await send('POST', '/products', { ...product, ...JSON.parse(part) })).status).toBe(202)
})

test.each([999_999_999_999_999, 9_999_999_999_999.99, 999_999_999_999.999, 0.0001])(
  'a new price of %d, which some currency has, is for the worker to judge',
  async (price) => {
    expect((await send('PUT', `/products/${id}`, { price })).status).toBe(202)
  },
)

test.each([
  ['PUT', `/products/${id}`, JSON.stringify({ price: 1e308 }), '/price'],
  ['PUT', `/products/${id}`, JSON.stringify({ price: 0.12345 }), '/price'],
  ['PUT', `/products/${id}`, JSON.stringify({ price: 1e15 }), '/price'],
  ['PUT', `/products/${id}`, JSON.stringify({ price: -1 }), '/price'],
  ['PUT', `/products/${id}`, JSON.stringify({ price: null }), '/price'],
  ['PUT', `/products/${id}`, JSON.stringify({ currency: 'USD' }), '/currency'],
  ['PUT', `/products/${id}`, JSON.stringify({ sku: 'other' }), '/sku'],
  ['PUT', '/products/7', JSON.stringify({ name: 'x' }), '/path/id'],
  ['POST', `/products/${id}/stock`, JSON.stringify({ delta: 0 }), '/delta'],
  ['POST', `/products/${id}/stock`, JSON.stringify({ delta: 0.5 }), '/delta'],
  ['POST', `/products/${id}/stock`, JSON.stringify({ delta: '1' }), '/delta'],
  ['POST', `/products/${id}/stock`, JSON.stringify({ delta: 1e12 }), '/delta'],
  ['POST', `/products/${id}/stock`, JSON.stringify({}), '/delta'],
] as const)('%s %s with %s is 400 and nothing is sent', async (method, path, body, pointer) => {
  const { status, pointers, sent } = await send(method, path, body)
  expect([status, pointers, sent]).toEqual([400, [pointer], []])
})

test('with tokens only agents change what is sold, and offer flights', async () => {
  const secret = 'a secret for tests only, of more than 32 characters'
  const under = commandAppWith({ verifier: tokenVerifier({ secret }) })
  const as = async (role: string | undefined, path: string, method: string, body: unknown) => {
    const exp = Math.floor(Date.now() / 1000) + 60
    const token = await sign({ sub: 'somebody', exp, ...(role ? { role } : {}) }, secret)
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    return under.app.request(path, { method, headers, body: JSON.stringify(body) })
  }
  const seats = { economy: 1 }
  const flight = { flight_number: 'AV1', departure: '2030-01-01T10:00:00Z', seats }
  for (const [method, path, body] of [
    ['POST', '/products', product],
    ['PUT', `/products/${id}`, { name: 'x' }],
    ['POST', `/products/${id}/stock`, { delta: 1 }],
    ['POST', '/flights', { ...flight, origin: 'BOG', destination: 'JFK' }],
  ] as const) {
    expect((await as(undefined, path, method, body)).status).toBe(403)
    expect(under.published).toHaveLength(0)
    expect((await as('agent', path, method, body)).status).toBe(202)
    under.published.length = 0
  }
})
