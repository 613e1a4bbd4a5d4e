import { RegisterUser, ValidateUser } from '../../shared/contracts/users.ts'
import {
  codeDigest,
  openCredentials,
  sealUserKey,
  validationCode,
} from '../../shared/kernel/credentials.ts'
import { sameDigest, seal } from '../../shared/kernel/sealing.ts'
import { parse } from '../wiring.ts'
import type { RegisterUserOpened } from './register-user.ts'
import type { ValidateUserChecked } from './validate-user.ts'

/** Opens the credentials, and seals what is personal with the user's own key: a handler never sees it. */
export const registerUserMapper =
  (credentialKey: string) =>
  (data: unknown): RegisterUserOpened => {
    const { credentials, ...command } = parse(RegisterUser, data)
    const opened = openCredentials(credentialKey, credentials, command.user_id)
    return {
      ...command,
      personal: seal(opened.user_key, JSON.stringify(opened.personal), command.user_id),
      password_hash: opened.password_hash,
      sealed_key: sealUserKey(credentialKey, opened.user_key, command.user_id),
    }
  }

/** Compares the code's digest with the one that this side derives. */
export const validateUserMapper =
  (credentialKey: string) =>
  (data: unknown): ValidateUserChecked => {
    const { user_id, code_digest } = parse(ValidateUser, data)
    const expected = codeDigest(credentialKey, user_id, validationCode(credentialKey, user_id))
    return { user_id, code_is_right: sameDigest(code_digest, expected) }
  }
