import type { DataOf } from '../../shared/contracts/contract.ts'
import { RegisterUser, type UserRegistered } from '../../shared/contracts/users.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { userKeys } from './keep-user-key.ts'
import { users } from './user.aggregate.ts'

/** RegisterUser with its credentials opened, and everything personal sealed again with the user's key. */
export interface RegisterUserOpened extends Omit<DataOf<typeof UserRegistered>, 'registered_at'> {
  readonly password_hash: string
  readonly sealed_key: string
}

const emailRegistry = 'users.email'

export const registerUser = handler<RegisterUserOpened>({
  contract: RegisterUser,
  locks: ({ user_id }) => [lock(users, user_id), lock(userKeys, user_id)],
  claims: ({ user_id, email_digest }) => [
    { registry: emailRegistry, value: email_digest, owner: user_id },
  ],
  decide(command, rows, { now, granted }) {
    if (!granted(emailRegistry) || rows.get(users, command.user_id))
      return rejected('email-taken', 'a user with this e-mail address is registered already')
    const data = { ...command, registered_at: now.toISOString() }
    return [happened(users, command.user_id, { type: 'UserRegistered', data })]
  },
})
