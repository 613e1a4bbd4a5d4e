import { expect, test } from 'bun:test'
import { orderMail } from './order-mail.ts'
import { type KnownOrder, type Told, unknownOrder } from './order-news.ts'

const order: KnownOrder = {
  ...unknownOrder('0197f1aa-0000-7d3a-8b9e-3a4b5c6d7e8f'),
  customer_id: 'customer-1',
  total: '42.50',
  currency: 'EUR',
}
const plain = (text: string) => text.replaceAll(/\s/g, ' ')
const body = (locale: string, told: Told, more: Partial<KnownOrder> = {}) =>
  plain(orderMail(locale, 'Ana', { ...order, ...more }, told).body)

const shipped = { kind: 'shipped', carrier: 'Alpes Express', tracking: 'AA1CO' } as const

test.each(['es', 'en', 'it', 'fr'])('every mail in %s names the reader and the order', (locale) => {
  for (const told of [{ kind: 'paid' }, shipped, { kind: 'cancelled', reason: null }] as const) {
    const mail = orderMail(locale, 'Ana', order, told)
    expect(mail.subject).toContain(order.id)
    expect(mail.body).toContain(order.id)
    expect(mail.body).toContain('Ana')
  }
})

test.each([
  ['es', '42,50 €'],
  ['en', '€42.50'],
  ['it', '42,50 €'],
  ['de', '€42.50'],
])('a payment is thanked for in %s as %s', (locale, amount) => {
  expect(body(locale, { kind: 'paid' })).toContain(` ${amount} `)
})

test('yen have no decimals', () => {
  expect(body('en', { kind: 'paid' }, { total: '4200', currency: 'JPY' })).toContain(' ¥4,200 ')
})

test.each(['es', 'en', 'it'])('a parcel is told with carrier and number in %s', (locale) => {
  expect(body(locale, shipped)).toContain('Alpes Express')
  expect(body(locale, shipped)).toContain('AA1CO')
  const handedOver = body(locale, { kind: 'shipped', carrier: null, tracking: null })
  expect(handedOver).not.toContain('null')
})

test.each(['es', 'en', 'it'])('each reason has words of its own in %s', (locale) => {
  const reasons = [
    'payment declined',
    'out of stock: x',
    'undeliverable: x',
    'not paid in time',
    null,
  ]
  const bodies = reasons.map((reason) => body(locale, { kind: 'cancelled', reason }))
  expect(new Set(bodies).size).toBe(reasons.length)
})

test('what a customer gave as a reason is not told back to them', () => {
  const told = { kind: 'cancelled', reason: 'see https://example.com' } as const
  expect(body('en', told)).not.toContain('example.com')
})

test('who has no name is greeted without one', () => {
  expect(orderMail('en', null, order, { kind: 'paid' }).body).toStartWith('Hello,\n')
})
