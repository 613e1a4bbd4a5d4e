import { expect, test } from 'bun:test'
import type { Credentials } from '../contracts/users.ts'
import {
  codeDigest,
  emailDigest,
  openCredentials,
  openUserKey,
  sealCredentials,
  sealUserKey,
  validationCode,
} from './credentials.ts'
import { derivedKey, newKey, seal } from './sealing.ts'

const key = 'a secret of any form'
const user = '0197a000-0000-7000-8000-000000000001'
const other = '0197a000-0000-7000-8000-000000000002'
const opened: Credentials = {
  personal: { first_name: 'Ana', last_name: 'Ruiz', email: 'ana@example.com', national_id: '1' },
  password_hash: '$argon2id$v=19$...',
  user_key: newKey(),
}

test('credentials open again for their user, and for nobody else', () => {
  const sealed = sealCredentials(key, opened, user)
  expect(openCredentials(key, sealed, user)).toEqual(opened)
  expect(() => openCredentials(key, sealed, other)).toThrow('does not open')
  expect(() => openCredentials('another secret', sealed, user)).toThrow('does not open')
})

test('sealed credentials show neither the address nor the hash', () => {
  const bytes = Buffer.from(sealCredentials(key, opened, user), 'base64url').toString('latin1')
  expect(bytes).not.toContain('ana@example.com')
  expect(bytes).not.toContain('argon2')
})

test('sealed text that holds something else is refused as poison', () => {
  const sealed = seal(derivedKey(key, 'credentials'), '{"personal":{}}', user)
  expect(() => openCredentials(key, sealed, user)).toThrow('holds no credentials')
})

test('a user key opens for its user only, and not as credentials', () => {
  const sealed = sealUserKey(key, opened.user_key, user)
  expect(openUserKey(key, sealed, user)).toBe(opened.user_key)
  expect(() => openUserKey(key, sealed, other)).toThrow('does not open')
  expect(() => openCredentials(key, sealed, user)).toThrow('does not open')
})

test('spellings of one address have one digest, other addresses and other keys have others', () => {
  const plain = emailDigest(key, 'ana@example.com')
  expect(emailDigest(key, ' Ana@Example.COM ')).toBe(plain)
  expect(emailDigest(key, '\uFF41na@example.com')).toBe(plain)
  expect(emailDigest(key, 'anna@example.com')).not.toBe(plain)
  expect(emailDigest('another secret', 'ana@example.com')).not.toBe(plain)
})

test('a validation code has eight digits, and is the same each time it is derived', () => {
  const codes = Array.from({ length: 200 }, (_, n) => validationCode(key, `user ${n}`))
  expect(codes.every((code) => /^\d{8}$/.test(code))).toBe(true)
  expect(new Set(codes).size).toBe(200)
  expect(validationCode(key, user.toUpperCase())).toBe(validationCode(key, user))
})

test('the digest of a code is worth nothing for another user or code', () => {
  const right = codeDigest(key, user, '12345678')
  expect(codeDigest(key, user, ' 12345678 ')).toBe(right)
  expect(codeDigest(key, other, '12345678')).not.toBe(right)
  expect(codeDigest(key, user, '12345679')).not.toBe(right)
})
