import { ValidateUser } from '../../shared/contracts/users.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { users } from './user.aggregate.ts'

/** ValidateUser with its code compared. */
export interface ValidateUserChecked {
  readonly user_id: string
  readonly code_is_right: boolean
}

export const validateUser = handler<ValidateUserChecked>({
  contract: ValidateUser,
  locks: ({ user_id }) => [lock(users, user_id)],
  decide({ user_id, code_is_right }, rows) {
    const user = rows.get(users, user_id)
    if (!user || user.status === 'DEACTIVATED')
      return rejected('not-found', `there is no active user ${user_id}`)
    if (!code_is_right)
      return rejected('wrong-code', 'the code is not the one that was sent to this user')
    if (user.status === 'VALIDATED') return []
    return [happened(users, user_id, { type: 'UserValidated', data: { user_id } })]
  },
})
