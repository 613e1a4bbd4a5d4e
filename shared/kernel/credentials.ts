import { createHmac } from 'node:crypto'
import { type Credentials, credentials } from '../contracts/users.ts'
import { Poison } from './fates.ts'
import { derivedKey, digest, seal, unseal } from './sealing.ts'

/**
 * Everything that is derived from CREDENTIAL_KEY, so that API, worker and notifier agree without
 * asking each other. Each purpose has a key of its own; what one of them leaks tells nothing of another.
 */

/** What only the worker may open, bound to the user's id. Travels in RegisterUser. */
export const sealCredentials = (
  credentialKey: string,
  opened: Credentials,
  userId: string,
): string => seal(derivedKey(credentialKey, 'credentials'), JSON.stringify(opened), userId)

/** Opens `sealCredentials`. Throws `Poison` slug `cannot-unseal`, also when something else is inside. */
export const openCredentials = (
  credentialKey: string,
  sealed: string,
  userId: string,
): Credentials => {
  const text = unseal(derivedKey(credentialKey, 'credentials'), sealed, userId)
  const parsed = credentials.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new Poison('cannot-unseal', `sealed text of ${userId} holds no credentials`)
}

/** The user's own key as `write.user_keys` keeps it, bound to the user's id. */
export const sealUserKey = (credentialKey: string, userKey: string, userId: string): string =>
  seal(derivedKey(credentialKey, 'user-key'), userKey, userId)

/** Opens `sealUserKey`. Throws `Poison` slug `cannot-unseal`. */
export const openUserKey = (credentialKey: string, sealed: string, userId: string): string =>
  unseal(derivedKey(credentialKey, 'user-key'), sealed, userId)

/**
 * The same for two spellings that reach one mailbox in practice: case, surrounding blanks and
 * compatibility forms (NFKC, UAX 15) do not count. Tells nothing of the address without the key.
 */
export const emailDigest = (credentialKey: string, address: string): string =>
  digest(
    derivedKey(credentialKey, 'email'),
    address.normalize('NFKC').trim().toLowerCase().normalize('NFKC'),
  )

/** The 8 digits that are mailed to a user: an HMAC, so that they are stored nowhere (as in RFC 4226, 5.3). */
export const validationCode = (credentialKey: string, userId: string): string => {
  const hmac = createHmac('sha256', derivedKey(credentialKey, 'validation-code'))
  const number = hmac.update(userId.toLowerCase()).digest().readBigUInt64BE() % 100_000_000n
  return String(number).padStart(8, '0')
}

/** What ValidateUser carries in place of the code: useless for another user. */
export const codeDigest = (credentialKey: string, userId: string, code: string): string =>
  digest(derivedKey(credentialKey, 'code-digest'), userId.toLowerCase(), code.trim())
