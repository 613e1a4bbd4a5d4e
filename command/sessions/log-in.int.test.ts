import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { emailDigest } from '../../shared/kernel/credentials.ts'
import { Transient } from '../../shared/kernel/fates.ts'
import { newId } from '../../shared/kernel/ids.ts'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import { type TestDatabase, testDatabase } from '../../tests/support/postgres.ts'
import { type Passwords, passwords } from '../passwords.ts'
import { attemptsIn } from './attempts.ts'
import { type LogInOptions, logIn, slowness } from './log-in.ts'

const credentialKey = 'the credential key of the tests, long enough'
const right = 'correct horse battery staple'
const wrong = 'incorrect horse'

let home: TestDatabase
let database: Database
let stored: string
beforeAll(async () => {
  home = await testDatabase()
  database = openDatabase(home.url, { name: 'sessions' })
  stored = await passwords().hash(right)
})
afterAll(async () => {
  await database.close()
  await home.drop()
})

let pauses: number[]
let email: string
beforeEach(() => {
  pauses = []
  email = `${newId()}@example.com`
})

const entrance = (more: Partial<LogInOptions> = {}) =>
  logIn({
    database,
    passwords: passwords(),
    credentialKey,
    pause: async (milliseconds) => pauses.push(milliseconds),
    ...more,
  })

const registered = async (status = 'REGISTERED') => {
  const id = newId()
  await database.query(
    `INSERT INTO write.users (id, status, version, kind, locale, email_digest, password_hash, personal, registered_at, updated_at)
     VALUES ($1::uuid, $2, 1, 'person', 'es', $3, $4, '', now(), now())`,
    [id, status, emailDigest(credentialKey, email), stored],
  )
  return id
}
const timePasses = (seconds: number) =>
  database.query(
    `UPDATE write.login_attempts SET last_at = last_at - make_interval(secs => $1),
       blocked_until = blocked_until - make_interval(secs => $1)`,
    [seconds],
  )
const refusal = (work: Promise<string>) =>
  work.then(
    () => 'let in',
    ({ status, message, extras }) => ({ status, message, retryAfter: extras?.retryAfter }),
  )

test('the right password of a user, in any spelling of the address, tells who it is', async () => {
  const id = await registered()
  expect(await entrance()(email.toUpperCase(), right)).toBe(id)
  expect(pauses).toEqual([])
})

test('a wrong password, an unknown address and a deactivated user are refused in the same words', async () => {
  await registered('DEACTIVATED')
  const deactivated = await refusal(entrance()(email, right))
  const unknown = await refusal(entrance()('nobody@example.com', right))
  email = `${newId()}@example.com`
  await registered()
  const mistyped = await refusal(entrance()(email, wrong))
  expect(deactivated).toMatchObject({ status: 401 })
  expect(unknown).toEqual(deactivated)
  expect(mistyped).toEqual(deactivated)
})

test('an unknown address costs the same work as a known one', async () => {
  const checked: (string | undefined)[] = []
  const counting: Pick<Passwords, 'verify'> = {
    async verify(hash) {
      checked.push(hash)
      return false
    },
  }
  await registered()
  await refusal(entrance({ passwords: counting })(email, wrong))
  await refusal(entrance({ passwords: counting })('someone@example.com', wrong))
  expect(checked).toStrictEqual([stored, undefined])
})

test('failures in a row are answered slower and slower, then refused for a while, right or wrong', async () => {
  await registered()
  const enter = entrance()
  for (let n = 0; n < 5; n++)
    expect(await refusal(enter(email, wrong))).toMatchObject({ status: 401 })
  expect(pauses).toEqual([0, 200, 400, 800, 800])
  expect(await refusal(enter(email, right))).toMatchObject({ status: 429, retryAfter: 1 })
  await timePasses(1)
  expect(await refusal(enter(email, wrong))).toMatchObject({ status: 401 })
  expect(await refusal(enter(email, right))).toMatchObject({ status: 429, retryAfter: 2 })
  await timePasses(2)
  expect(await refusal(enter(email, right))).toBe('let in')
})

test('the wait grows to 15 minutes and no further', async () => {
  for (let n = 0; n < 16; n++) {
    await refusal(entrance()(email, wrong))
    await timePasses(900)
    await database.query('UPDATE write.login_attempts SET last_at = now()')
  }
  await refusal(entrance()(email, wrong))
  expect(await refusal(entrance()(email, wrong))).toMatchObject({ status: 429, retryAfter: 900 })
})

test('the right password wipes the slate', async () => {
  await registered()
  const enter = entrance()
  for (let n = 0; n < 4; n++) await refusal(enter(email, wrong))
  await enter(email, right)
  for (let n = 0; n < 4; n++)
    expect(await refusal(enter(email, wrong))).toMatchObject({ status: 401 })
})

test('a hundred guesses at the same instant, through two processes, are five guesses', async () => {
  await registered()
  const elsewhere = openDatabase(home.url, { name: 'another process' })
  const looked: string[] = []
  const slow: Pick<Passwords, 'verify'> = {
    async verify(_, password) {
      looked.push(password)
      return false
    },
  }
  const doors = [entrance({ passwords: slow }), entrance({ database: elsewhere, passwords: slow })]
  const guesses = Array.from({ length: 100 }, (_, n) => refusal(doors[n % 2]!(email, `guess ${n}`)))
  const statuses = (await Promise.all(guesses)).map(
    (answer) => (answer as { status: number }).status,
  )
  await elsewhere.close()
  expect(looked).toHaveLength(5)
  expect(statuses.filter((status) => status === 429)).toHaveLength(95)
})

test('an attempt that could not be looked at does not count', async () => {
  const full: Pick<Passwords, 'verify'> = {
    verify: () => Promise.reject(new Transient('overloaded', 'too many')),
  }
  await registered()
  for (let n = 0; n < 6; n++) await refusal(entrance({ passwords: full })(email, right))
  expect(await refusal(entrance()(email, right))).toBe('let in')
})

test('attempts are forgotten after a day', async () => {
  await database.query('DELETE FROM write.login_attempts')
  await refusal(entrance()(email, wrong))
  await timePasses(23 * 3600)
  expect(await attemptsIn(database).purge()).toBe(0)
  await timePasses(2 * 3600)
  expect(await attemptsIn(database).purge()).toBe(1)
})

test('the first failure is answered at once, since people mistype', () => {
  expect([1, 2, 3, 9].map(slowness)).toEqual([0, 200, 400, 800])
})
