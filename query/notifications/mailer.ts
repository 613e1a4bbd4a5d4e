import { createTransport } from 'nodemailer'

export interface Mail {
  /** Stable for one mail, so that a repeat is recognised. */
  readonly id: string
  readonly recipient: string
  readonly subject: string
  readonly body: string
}

export interface Mailer {
  /** Resolves when the mail server has taken the mail. Rejects otherwise; see `isRefused`. */
  send(mail: Mail): Promise<void>
  close(): void
}

const sender = 'AeroAlpes <no-reply@aeroalpes.example>'

// Together well below the minute for which a mail is claimed.
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 }

/**
 * Sends through the server at SMTP_URL (nodemailer's form, `smtp://user:password@host:587`). The
 * parameter `from` of that URL is the sender's address.
 */
export const smtpMailer = (smtpUrl: string): Mailer => {
  const url = new URL(smtpUrl)
  const from = url.searchParams.get('from') ?? sender
  url.searchParams.delete('from')
  const transport = createTransport(
    { url: url.href, ...timeouts },
    { from, disableFileAccess: true, disableUrlAccess: true },
  )
  return {
    async send({ id, recipient, subject, body }) {
      await transport.sendMail({
        to: { name: '', address: recipient },
        subject,
        text: body,
        messageId: `<${id}@aeroalpes>`,
      })
    },
    close: () => transport.close(),
  }
}

/**
 * True when the server will never take this mail (SMTP 5yz, RFC 5321 section 4.2.1): its recipient, or
 * what it says. What is said of the log-in, the sender, or as policy (x.7.z, RFC 3463) is about us, and
 * every mail meets it: somebody mends that, and then they are sent.
 */
export const isRefused = (error: unknown): boolean =>
  error instanceof Error &&
  'responseCode' in error &&
  typeof error.responseCode === 'number' &&
  error.responseCode >= 500 &&
  'command' in error &&
  (error.command === 'RCPT TO' || error.command === 'DATA') &&
  !('response' in error && /^5\d\d[ -]5\.7\./.test(String(error.response)))
