import { expect, test } from 'bun:test'
import { welcomeMail } from './welcome-mail.ts'

test.each(['es', 'en', 'it', 'fr'])(
  'the mail in %s greets by name and has one number: the code',
  (locale) => {
    const { subject, body } = welcomeMail(locale, 'Ana', '01234567')
    expect(subject).toContain('AeroAlpes')
    expect(body).toContain('Ana')
    expect(body.match(/\d+/g)).toEqual(['01234567'])
  },
)
