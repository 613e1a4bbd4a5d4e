import type { UserStatus } from '../../shared/contracts/users.ts'
import type { Queryable } from '../../shared/postgres/database.ts'
import { rowStore } from '../../shared/postgres/row-store.ts'
import { batchedFind } from '../http/batched-find.ts'
import { type Condition, hasId, keysetList, type PageRequest } from '../http/keyset.ts'
import { foldEmail } from '../fold-email.ts'
import type { ReadSide } from '../http/read-side.ts'
import { type UserRow, userTable } from './user.table.ts'

const list = keysetList(userTable, 'registered_at')

const store = rowStore(userTable)

export const userFinder = ({ database }: Pick<ReadSide, 'database'>) =>
  batchedFind<UserRow>((ids) => store.read(database, ids))

// Links and reservations come from two topics: a link may be here before its reservation says so.
const findLinked = `
  SELECT version, NOT EXISTS (
    SELECT FROM read.user_reservations l LEFT JOIN read.reservations r ON r.id = l.reservation_id
    WHERE l.user_id = u.id AND r.client_id IS DISTINCT FROM l.user_id::text
  ) AS complete
  FROM read.users u WHERE id = $1::uuid`

/** Whether every reservation that was linked to the user can be read as theirs already. */
export interface LinkedUser {
  readonly version: number
  readonly complete: boolean
}

export const findLinkedUser = async (on: Queryable, id: string): Promise<LinkedUser | undefined> =>
  (await on.query<LinkedUser>(findLinked, [id]))[0]

export interface UserFilter {
  readonly id?: string | undefined
  readonly email?: string | undefined
  readonly status?: UserStatus | undefined
}

export const listUsers = (
  on: Queryable,
  filters: readonly UserFilter[],
  page: PageRequest,
): Promise<UserRow[]> => list(on, filters.flatMap(conditionsOf), page)

const conditionsOf = ({ id, email, status }: UserFilter): readonly Condition[] => [
  ...(id === undefined ? [] : [hasId('id', id)]),
  ...(email === undefined ? [] : [['email_folded = ?', foldEmail(email)] as const]),
  ...(status === undefined ? [] : [['status = ?', status] as const]),
]
