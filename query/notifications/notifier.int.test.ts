import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { validationCode } from '../../shared/kernel/credentials.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { createLogger } from '../../shared/telemetry/logger.ts'
import { userVault } from '../../shared/vault/user-keys.ts'
import { testReadSide, type TestReadSide } from '../../tests/support/query-app.ts'
import {
  credentialKey,
  deliveryOf,
  envelopeOf,
  keepKey,
  person,
  registered,
} from '../../tests/support/recorded-events.ts'
import { mailSender } from './mail-sender.ts'
import type { Mailer } from './mailer.ts'
import { notifierWork } from './notifier.work.ts'

let readSide: TestReadSide
beforeAll(async () => {
  readSide = await testReadSide()
}, 60_000)
beforeEach(() => readSide.database.query('TRUNCATE read.notifications'))
afterAll(() => readSide.close())

const logger = createLogger({ level: 'silent', name: 'test' })
const codeFor = (userId: string) => validationCode(credentialKey, userId)

const notify = async (state: 'kept' | 'pending', ...envelopes: readonly Envelope[]) => {
  const vault = userVault(readSide.database, credentialKey)
  const work = notifierWork({ vault, codeFor, state, written: () => {} })
  await readSide.database.transaction((tx) =>
    work.handle(tx, envelopes.map(deliveryOf), { wait: false }),
  )
}

const rows = () =>
  readSide.database.query<Record<string, unknown>>('SELECT * FROM read.notifications')

const newcomer = async (email?: string) => {
  const ana = person(email)
  await keepKey(readSide.database, ana)
  return ana
}

/** Gives mails to `take`; tells when `count` of them were tried. */
const scripted = (count: number, take: (recipient: string, attempt: number) => void) => {
  const tried: string[] = []
  const all = Promise.withResolvers<void>()
  const mailer: Mailer = {
    async send({ recipient }) {
      tried.push(recipient)
      if (tried.length === count) all.resolve()
      take(recipient, tried.length)
    },
    close() {},
  }
  return { mailer, tried, all: all.promise }
}

const smtpError = (responseCode: number) =>
  Object.assign(new Error('no'), { responseCode, code: 'EENVELOPE', command: 'RCPT TO' })

test('a new user gets one mail with their code, in their language, whatever comes twice', async () => {
  const ana = await newcomer()
  const other = envelopeOf('UserValidated', ana.id, 2, { user_id: ana.id })
  await notify('kept', registered(ana), other)
  await notify('kept', registered(ana))
  const answer = await readSide.app().request('/notifications?recipient=ANA@example.COM')
  const { items } = (await answer.json()) as { items: { body: string }[] }
  expect(items).toMatchObject([
    { recipient: 'Ana@Example.com', user_id: ana.id, subject: 'Su código de AeroAlpes' },
  ])
  expect(items[0]!.body).toContain(codeFor(ana.id))
  const others = await readSide.app().request('/notifications?recipient=eva@example.com')
  expect(await others.json()).toEqual({ items: [], next_cursor: null })
})

test('a registration of a newer version is parked, not passed over', async () => {
  const newer = { ...registered(await newcomer()), type: 'aeroalpes.users.UserRegistered.v2' }
  const failure = await notify('kept', newer).catch((error: unknown) => error)
  expect(failure).toMatchObject({ fate: 'poison', slug: 'unknown-version', messageId: newer.id })
})

test('an event that comes again after its mail was sent does not send it again', async () => {
  const ana = await newcomer()
  await notify('pending', registered(ana))
  await readSide.database.query("UPDATE read.notifications SET state = 'sent', body = NULL")
  await notify('pending', registered(ana))
  expect(await rows()).toMatchObject([{ state: 'sent', body: null }])
})

test('who was erased before the mail was written gets none', async () => {
  await notify('kept', registered(person()))
  expect(await rows()).toEqual([])
})

test('a sent mail is forgotten, but for the fact that it was sent', async () => {
  const ana = await newcomer()
  await notify('pending', registered(ana))
  const { mailer, tried, all } = scripted(1, () => {})
  const sender = mailSender({ database: readSide.database, logger, mailer })
  await all
  await sender.stop()
  expect(tried).toEqual([ana.email])
  expect(await rows()).toMatchObject([
    {
      state: 'sent',
      attempts: 1,
      recipient: null,
      recipient_folded: null,
      subject: null,
      body: null,
    },
  ])
})

test('a mail that the server cannot take now stays, to be sent later', async () => {
  await notify('pending', registered(await newcomer()))
  const { mailer, all } = scripted(1, () => {
    throw smtpError(451)
  })
  const sender = mailSender({ database: readSide.database, logger, mailer })
  await all
  await sender.stop()
  expect(await sender.check()).toMatchObject([{ name: 'mail server', ok: false }])
  expect(await rows()).toMatchObject([
    { state: 'pending', attempts: 1, recipient: 'Ana@Example.com' },
  ])
})

test('a mail that the server refuses for good is given up, and the next one is sent', async () => {
  await notify('pending', registered(await newcomer('bad@example.com')))
  await notify('pending', registered(await newcomer('good@example.com')))
  const { mailer, all } = scripted(2, (recipient) => {
    if (recipient === 'bad@example.com') throw smtpError(550)
  })
  const sender = mailSender({ database: readSide.database, logger, mailer })
  await all
  await sender.stop()
  expect((await rows()).map(({ state }) => state).sort()).toEqual(['failed', 'sent'])
})

test('two senders at once send each mail once', async () => {
  for (let n = 0; n < 30; n += 1)
    await notify('pending', registered(await newcomer(`${n}@example.com`)))
  const { mailer, tried, all } = scripted(30, () => {})
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const both = Promise.all(begun.map(({ promise }) => promise))
  const senders = begun.map(({ resolve }) =>
    mailSender({
      database: readSide.database,
      logger,
      mailer: {
        ...mailer,
        async send(mail) {
          resolve()
          await both
          await mailer.send(mail)
        },
      },
    }),
  )
  await all
  await Promise.all(senders.map((sender) => sender.stop()))
  expect(new Set(tried).size).toBe(30)
  expect(tried).toHaveLength(30)
})

test('a mail server that never answers keeps nobody from stopping, and the mail goes to the next sender', async () => {
  await notify('pending', registered(await newcomer()))
  const stuck = scripted(1, () => {})
  const claimed = { ...stuck.mailer, send: () => new Promise<void>(() => stuck.mailer.send(mail)) }
  const mail = { id: 'x', recipient: 'x', subject: '', body: '' }
  const silent = mailSender({ database: readSide.database, logger, mailer: claimed, graceMs: 0 })
  await stuck.all
  await silent.stop()
  expect(await rows()).toMatchObject([{ state: 'pending', attempts: 1 }])
  await readSide.database.query('UPDATE read.notifications SET next_attempt_at = now()')
  const { mailer, all } = scripted(1, () => {})
  const sender = mailSender({ database: readSide.database, logger, mailer })
  await all
  await sender.stop()
  expect(await rows()).toMatchObject([{ state: 'sent', attempts: 2 }])
})
