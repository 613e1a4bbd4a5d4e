import { expect, test } from 'bun:test'
import { mailServer } from '../../tests/support/mail-server.ts'
import { isRefused, smtpMailer } from './mailer.ts'

const aMail = { id: 'event-1', recipient: 'ana@example.com', subject: 'Código', body: 'Hola' }

const sendTo = async (url: string) => {
  const mailer = smtpMailer(url)
  try {
    await mailer.send(aMail)
  } finally {
    mailer.close()
  }
}

test('a mail travels over SMTP with a message id of its own', async () => {
  const server = await mailServer()
  await sendTo(server.url)
  server.close()
  const text = await server.mail
  expect(text).toContain('From: desk@aeroalpes.test')
  expect(text).toContain('To: ana@example.com')
  expect(text).toContain('Message-ID: <event-1@aeroalpes>')
})

test.each([
  // what is refused, at which command, in which words, and whether for good
  ['its address', 'RCPT', '550 5.1.1 no such user', true],
  ['its text', '.', '554 5.6.0 not like this', true],
  ['the password of the setting', 'AUTH', '535 5.7.8 authentication failed', false],
  ['the sender of the setting', 'MAIL', '553 5.1.8 who is that', false],
  ['whoever has not logged in', 'RCPT', '554 5.7.1 relay access denied', false],
  ['everybody, for now', '', '554 no service here', false],
  ['an address, for now', 'RCPT', '450 4.2.1 mailbox is busy', false],
])(
  'a server that refuses %s at %s with %s ends the mail: %p',
  async (_what, command, answer, forGood) => {
    const server = await mailServer((line) =>
      (command === '' ? line === '' : line.startsWith(command)) ? answer : undefined,
    )
    const url = command === 'AUTH' ? server.urlFor('desk') : server.url
    const error = await sendTo(url).then(
      () => undefined,
      (failure: unknown) => failure,
    )
    server.close()
    expect(error).toMatchObject({ responseCode: Number(answer.slice(0, 3)) })
    expect(isRefused(error)).toBe(forGood)
  },
)
