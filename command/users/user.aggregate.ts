import type { DataOf } from '../../shared/contracts/contract.ts'
import type {
  ReservationAddedToUser,
  UserDeactivated,
  UserRegistered,
  UserValidated,
} from '../../shared/contracts/users.ts'
import { aggregate, type EventPlace } from '../../uow/aggregate.ts'
import { lockRank } from '../write-schema.ts'
import { userTable } from './user.table.ts'

export type User = Readonly<typeof userTable.$inferSelect>

/** As published, and what must stay inside. */
export type UserRegisteredInside = DataOf<typeof UserRegistered> & {
  readonly password_hash: string
  readonly sealed_key: string
}

export type UserEvent =
  | { readonly type: 'UserRegistered'; readonly data: UserRegisteredInside }
  | { readonly type: 'UserValidated'; readonly data: DataOf<typeof UserValidated> }
  | { readonly type: 'UserDeactivated'; readonly data: DataOf<typeof UserDeactivated> }
  | {
      readonly type: 'ReservationAddedToUser'
      readonly data: DataOf<typeof ReservationAddedToUser>
    }

const evolveUser = (
  before: User | undefined,
  event: UserEvent,
  { id, now }: EventPlace,
): Omit<User, 'version'> => {
  if (event.type === 'UserRegistered') {
    const { kind, locale, email_digest, password_hash, personal } = event.data
    const times = { registered_at: now, updated_at: now }
    return {
      id,
      status: 'REGISTERED',
      kind,
      locale,
      email_digest,
      password_hash,
      personal,
      ...times,
    }
  }
  if (!before) throw new Error(`${event.type} before UserRegistered of ${id}`)
  const after = { ...before, updated_at: now }
  switch (event.type) {
    case 'UserValidated':
      return { ...after, status: 'VALIDATED' }
    case 'UserDeactivated':
      return { ...after, status: 'DEACTIVATED' }
    case 'ReservationAddedToUser':
      return after
    default:
      return event satisfies never
  }
}

export const users = aggregate<User, UserEvent>({
  name: 'users',
  rank: lockRank.users,
  table: userTable,
  evolve: evolveUser,
})
