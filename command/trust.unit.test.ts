import { expect, test } from 'bun:test'
import { readSettings } from '../shared/runtime/settings.ts'
import { verifierOf } from '../shared/identity/verifier-of.ts'
import { issuerOf } from './trust.ts'

const settingsOf = (env: Readonly<Record<string, string>>) => readSettings(env, {}).settings
const jwt = { AUTH: 'jwt', JWT_SECRET: 'a secret of at least 32 characters, as it should be' }

test('with AUTH=off nobody checks tokens', () => {
  expect(verifierOf(settingsOf({ ...jwt, AUTH: 'off' }))).toBeUndefined()
})

test('with AUTH=jwt and neither secret nor key set the start says what is missing', () => {
  expect(() => verifierOf(settingsOf({ AUTH: 'jwt' }))).toThrow('JWT_SECRET is not set')
})

test('with a secret tokens are checked and issued here', () => {
  expect(verifierOf(settingsOf(jwt))).toBeFunction()
  expect(issuerOf(settingsOf(jwt))).toMatchObject({ secret: jwt.JWT_SECRET })
})

test('with a key set tokens are issued elsewhere, even if there is a secret', () => {
  const settings = settingsOf({ ...jwt, JWKS_URL: 'https://id.example/keys' })
  expect(verifierOf(settings)).toBeFunction()
  expect(issuerOf(settings)).toBeUndefined()
})
