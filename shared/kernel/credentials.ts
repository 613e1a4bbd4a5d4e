import { createHmac } from 'node:crypto'
import { type Credentials, credentials } from '../contracts/users.ts'
import { derivedKey, digest, seal, unseal } from './sealing.ts'

/** Seals what RegisterUser carries for the worker alone; bound to the user's id. */
export const sealCredentials = (secret: string, opened: Credentials, userId: string): string =>
  seal(derivedKey(secret, 'credentials'), JSON.stringify(opened), userId)

/** Throws `Poison` slug `cannot-unseal` for another CREDENTIAL_KEY or another user's credentials. */
export const openCredentials = (secret: string, sealed: string, userId: string): Credentials =>
  credentials.parse(JSON.parse(unseal(derivedKey(secret, 'credentials'), sealed, userId)))

/** A user's own key, in the form in which it is kept. */
export const sealUserKey = (secret: string, userKey: string, userId: string): string =>
  seal(derivedKey(secret, 'user-key'), userKey, userId)

/** Throws `Poison` slug `cannot-unseal`. */
export const openUserKey = (secret: string, sealed: string, userId: string): string =>
  unseal(derivedKey(secret, 'user-key'), sealed, userId)

/** Equal for addresses that differ only in case or Unicode form, and tells nothing of the address. */
export const emailDigest = (secret: string, email: string): string =>
  digest(derivedKey(secret, 'email'), email.normalize('NFKC').toLowerCase())

/** The eight digits that are mailed to a user: worker and notifier derive the same, nobody stores them. */
export const validationCode = (secret: string, userId: string): string => {
  const mac = createHmac('sha256', derivedKey(secret, 'validation-code')).update(userId).digest()
  return String(mac.readUIntBE(0, 6) % 100_000_000).padStart(8, '0')
}

/** What ValidateUser carries instead of the code. */
export const codeDigest = (secret: string, userId: string, code: string): string =>
  digest(derivedKey(secret, 'code'), userId, code)
