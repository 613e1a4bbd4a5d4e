import { aggregate } from '../../uow/aggregate.ts'
import { type DomainEventHandler, happened } from '../../uow/handler.ts'
import { lockRank } from '../write-schema.ts'
import type { UserRegisteredInside } from './user.aggregate.ts'
import { userKeyTable } from './user.table.ts'

type UserKey = Readonly<typeof userKeyTable.$inferSelect>

/** Stays inside: a key has no history and no reader but the vault. */
interface UserKeyKept {
  readonly type: 'UserKeyKept'
  readonly data: { readonly sealed_key: string }
}

export const userKeys = aggregate<UserKey, UserKeyKept>({
  name: 'user-keys',
  rank: lockRank.userKeys,
  table: userKeyTable,
  evolve: (_before, { data }, { id }) => ({ id, sealed_key: data.sealed_key }),
})

/** Keeps the key of a new user beside, not in, the user's row: erasing somebody deletes one row. */
export const keepUserKey: DomainEventHandler<{
  type: 'UserRegistered'
  data: UserRegisteredInside
}> = ({ data: { user_id, sealed_key } }) => [
  happened(userKeys, user_id, { type: 'UserKeyKept', data: { sealed_key } }),
]
