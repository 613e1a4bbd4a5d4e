import { problem } from '../../shared/http/problem.ts'
import { emailDigest } from '../../shared/kernel/credentials.ts'
import { Transient } from '../../shared/kernel/fates.ts'
import type { Database } from '../../shared/postgres/database.ts'
import { within } from '../../shared/kernel/within.ts'
import type { Passwords } from '../passwords.ts'
import { type Attempts, attemptsIn } from './attempts.ts'

export interface LogInOptions {
  readonly database: Database
  readonly passwords: Pick<Passwords, 'verify'>
  readonly credentialKey: string
  /** Waits before a refusal is answered. */
  readonly pause: (milliseconds: number) => Promise<unknown>
}

/**
 * The id of the user with this address and password. Throws an `HttpProblem`: 401 for whatever is
 * wrong, in the same words and after the same work, 429 after repeated failures; or a `Transient`.
 */
export type LogIn = (email: string, password: string) => Promise<string>

interface Row {
  readonly id: string
  readonly status: string
  readonly password_hash: string
}

const statement = `SELECT id, status, password_hash FROM write.users
  WHERE email_digest = $1 ORDER BY registered_at LIMIT 1`

export const logIn = (options: LogInOptions): LogIn => {
  const { database, passwords, credentialKey, pause } = options
  const attempts = attemptsIn(database)
  return async (email, password) => {
    const address = emailDigest(credentialKey, email)
    const admission = await soon(attempts.admit(address))
    if (!admission.admitted) throw tooMany(admission.retryAfterSeconds)
    const [user] = await soon(database.query<Row>(statement, [address]))
    const holds = await verified(passwords, attempts, address, user?.password_hash, password)
    if (holds && user && user.status !== 'DEACTIVATED') {
      await soon(attempts.forgive(address))
      return user.id
    }
    await pause(slowness(admission.failures))
    throw refused()
  }
}

const verified = async (
  passwords: LogInOptions['passwords'],
  attempts: Attempts,
  address: string,
  stored: string | undefined,
  password: string,
): Promise<boolean> => {
  try {
    return await passwords.verify(stored, password)
  } catch (error) {
    await soon(attempts.takeBack(address))
    throw error
  }
}

/** Milliseconds: none the first time, since people mistype; then 200, 400, and 800 from there on. */
export const slowness = (failures: number): number =>
  failures < 2 ? 0 : Math.min(800, 100 * 2 ** (failures - 1))

const soon = <T>(work: Promise<T>): Promise<T> =>
  within(
    2500,
    work,
    () =>
      new Transient('database-unavailable', 'The users cannot be looked up just now. Try again.'),
  )

const refused = () =>
  problem(
    'unauthenticated',
    401,
    'There is no active user with this e-mail address and password.',
    {
      headers: { 'www-authenticate': 'Bearer realm="aeroalpes"' },
    },
  )

const tooMany = (retryAfter: number) =>
  problem('too-many-requests', 429, `Too many failed attempts. Try again in ${retryAfter} s.`, {
    retryAfter,
  })
