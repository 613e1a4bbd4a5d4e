import { expect, test } from 'bun:test'
import { languageOf, welcomeMail } from './welcome-mail.ts'

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

test.each(['es', 'en', 'it', 'fr'])(
  'the mail in %s greets by name and has one number: the code',
  (locale) => {
    const { subject, body } = welcomeMail(locale, 'Ana', '01234567')
    expect(subject).toContain('AeroAlpes')
    expect(body).toContain('Ana')
    expect(body.match(/\d+/g)).toEqual(['01234567'])
  },
)
