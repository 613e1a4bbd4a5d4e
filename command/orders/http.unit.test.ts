import { describe, expect, test } from 'bun:test'
import { sign } from 'hono/jwt'
import { tokenVerifier } from '../../shared/identity/token-verifier.ts'
import { commandAppWith } from '../../tests/support/command-app.ts'

const line = { sku: 'prod-1', quantity: 2 }
const order = { customer_id: 'customer-1', items: [line] }
const id = '0197a000-0000-7000-8000-000000000001'
const address = { street: 'Calle 26', city: 'Bogotá', country: 'CO' }

const post = async (path: string, body: unknown) => {
  const under = commandAppWith()
  const answer = await under.post(path, body)
  const { errors = [] } = (await answer.json()) as {
    errors?: { pointer: string; detail: string }[]
  }
  return {
    status: answer.status,
    pointers: [...new Set(errors.map(({ pointer }) => pointer))],
    details: errors.map(({ detail }) => detail).join('; '),
    sent: under.published.map(({ topic, message, envelope }) => ({
      topic: topic.split('/').at(-1),
      key: message.key,
      data: envelope.data as Record<string, unknown>,
    })),
  }
}

describe('what is sent on', () => {
  test('is an order with everything that was left out filled in', async () => {
    const { status, sent } = await post('/orders', order)
    expect(status).toBe(202)
    const [{ topic, key, data } = {}] = sent
    expect(topic).toBe('orders')
    expect(data).toEqual({
      ...order,
      order_id: key!,
      currency: 'EUR',
      shipping_address: null,
      payment_method: null,
      locale: null,
    })
  })
  test('is an order with all that was asked for', async () => {
    const wishes = { currency: 'JPY', payment_method: 'card-late', locale: 'it' }
    const { sent } = await post('/orders', { ...order, ...wishes, shipping_address: address })
    expect(sent[0]?.data).toMatchObject({
      ...wishes,
      shipping_address: { ...address, recipient: null, postal_code: null },
    })
  })
  test.each([
    ['spa', 'es'],
    ['ita-IT', 'it-IT'],
    ['es_CO', 'es-CO'],
    ['ES-co', 'es-CO'],
    ['esp', 'esp'],
  ])('is a locale of %s as %s, which mails are written by', async (locale, known) => {
    const { sent } = await post('/orders', { ...order, locale })
    expect(sent[0]?.data.locale).toBe(known)
  })
  test('is the wish to be charged', async () => {
    const body = { payment_method: 'card-ok' }
    const { sent } = await post(`/orders/${id}/pay`, body)
    expect(sent).toEqual([{ topic: 'orders', key: id, data: { order_id: id, ...body } }])
  })
  test('is a cancellation, with or without a reason', async () => {
    for (const body of [{}, { reason: 'too late' }]) {
      const { sent } = await post(`/orders/${id}/cancel`, body)
      expect(sent).toEqual([{ topic: 'orders', key: id, data: { order_id: id, ...body } }])
    }
  })
})

test.each([
  [{ items: [] }, '/items'],
  [{ items: 'prod-1' }, '/items'],
  [{ items: [{ ...line, quantity: 0 }] }, '/items/0/quantity'],
  [{ items: [line, { ...line, quantity: -1 }] }, '/items/1/quantity'],
  [{ items: [{ ...line, quantity: 1.5 }] }, '/items/0/quantity'],
  [{ items: [{ ...line, quantity: 1e308 }] }, '/items/0/quantity'],
  [{ items: [{ ...line, quantity: 1_000_001 }] }, '/items/0/quantity'],
  [{ items: [{ ...line, quantity: '2' }] }, '/items/0/quantity'],
  [{ items: [{ ...line, quantity: null }] }, '/items/0/quantity'],
  [{ items: [{ ...line, price: 1 }] }, '/items/0/price'],
  [{ items: [{ quantity: 1 }] }, '/items/0/sku'],
  [{ items: [{ ...line, sku: '' }] }, '/items/0/sku'],
  [{ customer_id: '' }, '/customer_id'],
  [{ customer_id: 7 }, '/customer_id'],
  [{ currency: 'XYZ' }, '/currency'],
  [{ currency: 'eur' }, '/currency'],
  [{ payment_method: 'cash' }, '/payment_method'],
  [{ locale: 'español!' }, '/locale'],
  [{ shipping_address: 'Calle 26' }, '/shipping_address'],
  [{ shipping_address: { ...address, country: 'Colombia' } }, '/shipping_address/country'],
  [{ total: 1 }, '/total'],
] as const)('an order with %j is 400 and nothing is sent', async (part, pointer) => {
  const { status, pointers, sent } = await post('/orders', { ...order, ...part })
  expect([status, pointers, sent]).toEqual([400, [pointer], []])
})

test('a locale of a megabyte is 400, and takes nobody the time to be understood', async () => {
  const variants = Array.from({ length: 100_000 }, (_, at) => `a${String(at).padStart(7, '0')}`)
  const { status, pointers } = await post('/orders', {
    ...order,
    locale: `es-${variants.join('-')}`,
  })
  expect([status, pointers]).toEqual([400, ['/locale']])
})

test.each(['-0', 'NaN', '1e400', '0x1', '١'])(
  'a quantity of %s is 400 and nothing is sent',
  async (quantity) => {
    const body = `{"customer_id":"c","items":[{"sku":"prod-1","quantity":${quantity}}]}`
    const { status, sent } = await post('/orders', body)
    expect([status, sent]).toEqual([400, []])
  },
)

test('10,000 lines are 400, with the limit named', async () => {
  const lines = (length: number) => ({ ...order, items: Array.from({ length }, () => line) })
  const { status, pointers, details, sent } = await post('/orders', lines(10_000))
  expect([status, pointers, sent]).toEqual([400, ['/items'], []])
  expect(details).toContain('at most 1000 lines')
  expect((await post('/orders', lines(1000))).status).toBe(202)
  expect((await post('/orders', lines(1001))).status).toBe(400)
})

test('an unknown payment method is told which there are', async () => {
  const { details } = await post('/orders', { ...order, payment_method: 'cash' })
  for (const known of ['card-ok', 'card-declined', 'card-timeout', 'card-late'])
    expect(details).toContain(known)
})

test.each([{}, { payment_method: 'cash' }, { payment_method: null }])(
  'to be paid with %j is 400 and nothing is sent',
  async (body) => {
    const { status, pointers, sent } = await post(`/orders/${id}/pay`, body)
    expect([status, pointers, sent]).toEqual([400, ['/payment_method'], []])
  },
)

test('with tokens customers order for themselves, and agents for others', async () => {
  const secret = 'a secret for tests only, of more than 32 characters'
  const under = commandAppWith({ verifier: tokenVerifier({ secret }) })
  const as = async (sub: string, role?: string) => {
    const exp = Math.floor(Date.now() / 1000) + 60
    const token = await sign({ sub, exp, ...(role ? { role } : {}) }, secret)
    return (await under.post('/orders', order, { authorization: `Bearer ${token}` })).status
  }
  expect(await as('somebody')).toBe(403)
  expect(under.published).toHaveLength(0)
  expect(await as('somebody', 'agent')).toBe(202)
  expect(await as('customer-1')).toBe(202)
  expect((await under.post('/orders', order)).status).toBe(401)
})
