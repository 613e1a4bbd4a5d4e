import { expect, test } from 'bun:test'
import { RegisterUser, ValidateUser } from '../../shared/contracts/users.ts'
import { codeDigest, emailDigest, openCredentials } from '../../shared/kernel/credentials.ts'
import { userBody } from '../../tests/support/bodies.ts'
import { commandAppWith, credentialKey } from '../../tests/support/command-app.ts'
import { passwords } from '../passwords.ts'

test('a registration travels with everything personal sealed, and the password hashed', async () => {
  const { post, published } = commandAppWith()
  // Long enough that what is sealed, which looks random, does not hold them by chance.
  const names = { first_name: 'Ana Lucía', last_name: 'Ruiz Gómez', birth_date: '1990-05-17' }
  const user = { ...userBody('Ana@Example.com'), ...names }
  expect((await post('/users', user)).status).toBe(202)
  const { message, envelope } = published[0]!
  const wire = new TextDecoder().decode(message.payload) + JSON.stringify(message.properties)
  for (const secret of [
    ...Object.values(names),
    'xample.com',
    user.password,
    user.national_id,
    'argon2',
  ])
    expect(wire).not.toContain(secret)

  const data = RegisterUser.schema.parse(envelope.data)
  expect(data).toMatchObject({ kind: 'person', locale: 'es' })
  expect(data.email_digest).toBe(emailDigest(credentialKey, 'ana@example.com'))
  const opened = openCredentials(credentialKey, data.credentials, data.user_id)
  const { password, kind, locale, ...personal } = user
  expect(opened.personal).toEqual(personal)
  expect([kind, locale]).toEqual(['person', 'es'])
  expect(await passwords().verify(opened.password_hash, password)).toBe(true)
  expect(Buffer.from(opened.user_key, 'base64url')).toHaveLength(32)
})

test('a company needs no personal numbers or dates', async () => {
  const { post, published } = commandAppWith()
  const { national_id: _, ...user } = userBody('office@example.com')
  const company = { ...user, kind: 'company', tax_id: '900-1', incorporated_on: '1970-01-01' }
  expect((await post('/users', company)).status).toBe(202)
  expect(published[0]?.envelope.data).toMatchObject({ kind: 'company' })
})

test('every registration gets a key of its own', async () => {
  const { post, published } = commandAppWith()
  for (const name of ['one', 'two']) await post('/users', userBody(`${name}@example.com`))
  const keys = published.map(({ envelope }) => {
    const { credentials, user_id } = RegisterUser.schema.parse(envelope.data)
    return openCredentials(credentialKey, credentials, user_id).user_key
  })
  expect(new Set(keys).size).toBe(2)
})

test('a code travels as a digest for its user only', async () => {
  const { post, published } = commandAppWith()
  const id = '0197a000-0000-7000-8000-00000000000f'
  await post(`/users/${id.toUpperCase()}/validate`, { code: '12345678' })
  const data = ValidateUser.schema.parse(published[0]?.envelope.data)
  expect(data).toEqual({ user_id: id, code_digest: codeDigest(credentialKey, id, '12345678') })
})

test('more registrations at once than can be hashed are 503, and none of those is published', async () => {
  const { post, published } = commandAppWith()
  const asked = Array.from({ length: 22 }, (_, n) =>
    post('/users', userBody(`user${n}@example.com`)),
  )
  const statuses = (await Promise.all(asked)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 503)).toHaveLength(4)
  expect(published).toHaveLength(18)
})
