import type { DataOf } from '../../shared/contracts/contract.ts'
import { DeactivateUser } from '../../shared/contracts/users.ts'
import { handler, happened, lock, rejected } from '../../uow/handler.ts'
import { users } from './user.aggregate.ts'

export const deactivateUser = handler<DataOf<typeof DeactivateUser>>({
  contract: DeactivateUser,
  locks: ({ user_id }) => [lock(users, user_id)],
  decide({ user_id, reason = null }, rows) {
    const user = rows.get(users, user_id)
    if (!user) return rejected('not-found', `there is no user ${user_id}`)
    if (user.status === 'DEACTIVATED') return []
    return [happened(users, user_id, { type: 'UserDeactivated', data: { user_id, reason } })]
  },
})
