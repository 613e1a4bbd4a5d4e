import { expect, test } from 'bun:test'
import { amountText, languageOf } from './language.ts'

test.each([
  ['es', 'es'],
  ['es-CO', 'es'],
  ['IT_it', 'it'],
  ['en-GB', 'en'],
  ['fr', 'en'],
  ['', 'en'],
  ['__proto__', 'en'],
])('locale %s is written in %s', (locale, language) => {
  expect(languageOf(locale)).toBe(language as 'en')
})

// Numbers and their signs are kept together by spaces of several kinds.
const plain = (text: string) => text.replaceAll(/\s/g, ' ')

test.each([
  ['en', '42.50', 'EUR', '€42.50'],
  ['es', '42.50', 'EUR', '42,50 €'],
  ['it', '1999.90', 'EUR', '1999,90 €'],
  ['es_CO', '42.50', 'COP', '$ 42,50'],
  ['en', '4200', 'JPY', '¥4,200'],
  ['it', '4200', 'JPY', '4200 JPY'],
  ['en', '1.005', 'KWD', 'KWD 1.005'],
  ['fr-FR', '42.50', 'EUR', '€42.50'],
  ['es-', '42.50', 'EUR', '42,50 €'],
  ['', '42.50', 'EUR', '€42.50'],
])('to a reader of %s, %s %s is %s', (locale, amount, currency, text) => {
  expect(plain(amountText(locale, amount, currency))).toBe(text)
})

test('the largest amount keeps every digit', () => {
  expect(amountText('en', '9999999999999.99', 'EUR')).toBe('€9,999,999,999,999.99')
})
