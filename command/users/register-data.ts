import type { DataOf } from '../../shared/contracts/contract.ts'
import type { RegisterUser } from '../../shared/contracts/users.ts'
import { emailDigest, sealCredentials } from '../../shared/kernel/credentials.ts'
import { newKey } from '../../shared/kernel/sealing.ts'
import type { RegisterUserBody } from './bodies.ts'

/** RegisterUser as it travels: whatever tells who somebody is, and the hash, sealed for the worker. */
export const registerUserData = (
  credentialKey: string,
  { password: _password, kind, locale, ...personal }: RegisterUserBody,
  passwordHash: string,
  userId: string,
): DataOf<typeof RegisterUser> => ({
  user_id: userId,
  kind,
  locale,
  email_digest: emailDigest(credentialKey, personal.email),
  credentials: sealCredentials(
    credentialKey,
    { personal, password_hash: passwordHash, user_key: newKey() },
    userId,
  ),
})
