import { bell } from '../../shared/delivery/bell.ts'
import { backoff, orAfter } from '../../shared/delivery/pause.ts'
import type { Database, Queryable } from '../../shared/postgres/database.ts'
import type { Check } from '../../shared/runtime/role.ts'
import type { Logger } from '../../shared/telemetry/logger.ts'
import { isRefused, type Mail, type Mailer } from './mailer.ts'

export interface MailSenderOptions {
  readonly database: Database
  readonly mailer: Mailer
  readonly logger: Logger
  /** How long `stop` waits for a mail server that does not answer, in ms. Default 5000. */
  readonly graceMs?: number
}

export interface MailSender {
  /** There may be something to send. */
  wake(): void
  check(): Promise<readonly Check[]>
  /**
   * Sends what it has begun, and no more. What the mail server has not taken by the end of the grace
   * is sent again by the next sender. Idempotent.
   */
  stop(): Promise<void>
}

interface Claimed extends Mail {
  readonly attempts: number
}

// The claim ends by itself: a sender that dies between sending and saying so sends once more. The
// column keeps whole milliseconds, rounded: what is due now may say that it is due in half of one.
const claim = `
  UPDATE read.notifications n
  SET attempts = attempts + 1, next_attempt_at = now() + interval '1 minute'
  WHERE id IN (
    SELECT id FROM read.notifications WHERE state = 'pending' AND next_attempt_at <= now() + interval '1 millisecond'
    ORDER BY next_attempt_at LIMIT 5 FOR UPDATE SKIP LOCKED
  )
  RETURNING id, recipient, subject, body, attempts`

// What was sent is nobody's business any more.
const finish = `
  UPDATE read.notifications SET state = $2, sent_at = CASE WHEN $2 = 'sent' THEN now() END,
    recipient = NULL, recipient_folded = NULL, subject = NULL, body = NULL
  WHERE id = $1::uuid`

const postpone = `
  UPDATE read.notifications SET next_attempt_at = now() + make_interval(secs => $2)
  WHERE id = $1::uuid AND state = 'pending'`

const longestRestMs = 15 * 60_000

/** Sends pending mails until it is stopped: at least once each, and again after a failure, growing rarer. */
export const mailSender = (options: MailSenderOptions): MailSender => {
  const stopping = new AbortController()
  const { signal } = stopping
  const waking = bell(signal)
  let trouble: string | undefined

  const step = async () => {
    const mails = await options.database.query<Claimed>(claim)
    // All at once, so that each is through long before its claim ends.
    const failures = await Promise.all(mails.map((mail) => deliver(options, mail)))
    if (mails.length > 0) trouble = failures.find((failure) => failure !== undefined)
    return mails.length
  }
  const loop = async () => {
    while (!signal.aborted) {
      const sent = await step().catch((error: unknown) => {
        options.logger.warn({ err: error }, 'mails could not be sent; trying again')
        return 0
      })
      if (sent === 0) await waking.rung(5000)
    }
    options.mailer.close()
  }
  const running = loop()
  return {
    wake: () => waking.ring(),
    check: async () => [
      { name: 'mail server', ok: trouble === undefined, ...(trouble ? { detail: trouble } : {}) },
    ],
    stop() {
      stopping.abort()
      return orAfter(options.graceMs ?? 5000, running)
    },
  }
}

/** Answers what is wrong with the mail server, if anything is. */
const deliver = async (
  { database, mailer, logger }: MailSenderOptions,
  mail: Claimed,
): Promise<string | undefined> => {
  try {
    await mailer.send(mail)
  } catch (error) {
    return failed(database, logger, mail, error)
  }
  await database.query(finish, [mail.id, 'sent'])
  return undefined
}

const failed = async (
  database: Queryable,
  logger: Logger,
  mail: Claimed,
  error: unknown,
): Promise<string | undefined> => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const refused = isRefused(error)
  // The error's text may name the recipient: only its code is logged.
  logger.warn({ notification: mail.id, attempts: mail.attempts, code, refused }, 'mail not sent')
  if (refused) await database.query(finish, [mail.id, 'failed'])
  else await database.query(postpone, [mail.id, backoff(mail.attempts, 1000, longestRestMs) / 1000])
  return refused ? undefined : `mails are not taken (${String(code ?? 'no code')}); trying again`
}
