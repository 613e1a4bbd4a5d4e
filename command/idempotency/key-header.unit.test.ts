import { expect, test } from 'bun:test'
import { Invalid } from '../../shared/kernel/fates.ts'
import { idempotencyKey } from './key-header.ts'

test('a quoted key and the same key bare are one', () => {
  expect(idempotencyKey('"8e03978e-40d5-43e8"')).toBe('8e03978e-40d5-43e8')
  expect(idempotencyKey('8e03978e-40d5-43e8')).toBe('8e03978e-40d5-43e8')
  expect(idempotencyKey('a/b=:c;d')).toBe('a/b=:c;d')
  expect(idempotencyKey('"with \\"quotes\\" and blanks"')).toBe('with "quotes" and blanks')
})

test('without the header there is no key', () => {
  expect(idempotencyKey(undefined)).toBeUndefined()
})

const wrong: Readonly<Record<string, string>> = {
  'nothing at all': '',
  'nothing in quotes': '""',
  'an open quote': '"abc',
  'something after the quote': '"abc" def',
  'two keys': 'abc, def',
  'two keys joined without a blank': 'abc,def',
  'a quote inside': 'ab"c',
  'a letter beyond ASCII': 'clé',
  '256 characters': 'k'.repeat(256),
  '10 kB': 'k'.repeat(10_240),
  '10 kB in quotes': `"${'k'.repeat(10_240)}"`,
}
for (const [what, header] of Object.entries(wrong))
  test(`${what} is refused as a key`, () => {
    expect(() => idempotencyKey(header)).toThrow(Invalid)
  })

test('255 characters are the longest key', () => {
  expect(idempotencyKey('k'.repeat(255))).toHaveLength(255)
})
