import { describe, expect, test } from 'bun:test'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import {
  codeDigest,
  openUserKey,
  sealCredentials,
  validationCode,
} from '../../shared/kernel/credentials.ts'
import { newKey, unseal } from '../../shared/kernel/sealing.ts'
import { given, now } from '../../tests/support/given.ts'
import { aggregate } from '../../uow/aggregate.ts'
import { happened } from '../../uow/handler.ts'
import { addReservationToUser } from './add-reservation-to-user.ts'
import { deactivateUser } from './deactivate-user.ts'
import { userModule } from './index.ts'
import { registerUserMapper, validateUserMapper } from './mappers.ts'
import { registerUser } from './register-user.ts'
import { type UserEvent, users } from './user.aggregate.ts'
import { validateUser } from './validate-user.ts'

const id = '0197a000-0000-7000-8000-000000000001'
const secret = 'a secret of any form, long enough'
const personal = { first_name: 'Ana', last_name: 'Ruiz', email: 'ana@example.org' }
const userKey = newKey()
const command = {
  user_id: id,
  kind: 'person',
  locale: 'es',
  email_digest: 'digest-of-ana',
  credentials: sealCredentials(
    secret,
    { personal, password_hash: '$argon2id$hash', user_key: userKey },
    id,
  ),
} as const
const opened = registerUserMapper(secret)(command)

const was = (event: UserEvent) => happened(users, id, event)
const registered = was({
  type: 'UserRegistered',
  data: { ...opened, registered_at: now.toISOString() },
})
const validated = was({ type: 'UserValidated', data: { user_id: id } })
const deactivated = was({ type: 'UserDeactivated', data: { user_id: id, reason: null } })

describe('registering a user', () => {
  test('takes the e-mail address', () => {
    expect(given().when(registerUser, opened).decision).toEqual([registered])
    expect(registerUser.claims?.(opened)).toEqual([
      { registry: 'users.email', value: 'digest-of-ana', owner: id },
    ])
  })
  test('is rejected when somebody has the address', () => {
    expect(given().when(registerUser, opened, false).rejected).toBe('email-taken')
  })
  test('shows nothing personal to the handler, and what is sealed opens with the kept key', () => {
    expect(JSON.stringify(opened)).not.toContain('Ana')
    expect(JSON.stringify(opened)).not.toContain(userKey)
    const kept = openUserKey(secret, opened.sealed_key, id)
    expect(JSON.parse(unseal(kept, opened.personal, id))).toEqual(personal)
  })
  test('publishes neither the password hash nor the key', () => {
    const { integration } = userModule({ credentialKey: secret, reservations: others })
    const published = integration.UserRegistered(registered.event)
    expect(Object.keys(published.data).sort()).toEqual([
      'email_digest',
      'kind',
      'locale',
      'personal',
      'registered_at',
      'user_id',
    ])
  })
  test('cannot be opened with another key', () => {
    expect(() => registerUserMapper('another secret')(command)).toThrow('does not open')
  })
})

describe('validating a user', () => {
  const asked = (code: string) =>
    validateUserMapper(secret)({ user_id: id, code_digest: codeDigest(secret, id, code) })

  test('needs the code that was mailed', () => {
    const right = asked(validationCode(secret, id))
    expect(given(registered).when(validateUser, right).events).toEqual(['UserValidated'])
    expect(given(registered).when(validateUser, asked('00000000')).rejected).toBe('wrong-code')
  })
  test('twice changes nothing', () => {
    const right = asked(validationCode(secret, id))
    expect(given(registered, validated).when(validateUser, right).events).toEqual([])
  })
  test('is not found for nobody and for somebody who left', () => {
    const right = asked(validationCode(secret, id))
    expect(given().when(validateUser, right).rejected).toBe('not-found')
    expect(given(registered, deactivated).when(validateUser, right).rejected).toBe('not-found')
  })
})

describe('deactivating a user', () => {
  test('happens once', () => {
    const target = { user_id: id }
    expect(given(registered).when(deactivateUser, target).events).toEqual(['UserDeactivated'])
    expect(given(registered, deactivated).when(deactivateUser, target).events).toEqual([])
    expect(given().when(deactivateUser, target).rejected).toBe('not-found')
  })
})

interface OtherRow {
  readonly id: string
  readonly version: number
  readonly client_id: string | null
}
const others = aggregate<OtherRow, { type: 'Made'; data: { client_id: string | null } }>({
  name: 'others',
  rank: 99,
  table: pgTable('others', { id: text().primaryKey(), version: integer(), client_id: text() }),
  evolve: (_before, { data }, place) => ({ id: place.id, client_id: data.client_id }),
})

describe('adding a reservation to a user', () => {
  const target = { user_id: id, reservation_id: 'r' }
  const ownedBy = (client_id: string | null) =>
    happened(others, 'r', { type: 'Made', data: { client_id } })
  const add = addReservationToUser(others)

  test('locks both rows and links them', () => {
    expect(add.locks(target).map((lock) => lock.aggregate.name)).toEqual(['users', 'others'])
    expect(given(registered, ownedBy(null)).when(add, target).events).toEqual([
      'ReservationAddedToUser',
    ])
  })
  test('changes nothing when it is theirs already', () => {
    expect(given(registered, ownedBy(id)).when(add, target).events).toEqual([])
  })
  test("is not found when it is somebody else's, absent, or the user is gone", () => {
    expect(given(registered, ownedBy('other')).when(add, target).rejected).toBe('not-found')
    expect(given(registered).when(add, target).rejected).toBe('not-found')
    expect(given(registered, deactivated, ownedBy(null)).when(add, target).rejected).toBe(
      'not-found',
    )
  })
})
