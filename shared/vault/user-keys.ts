import { openUserKey } from '../kernel/credentials.ts'
import { unseal } from '../kernel/sealing.ts'
import type { Queryable } from '../postgres/database.ts'
import { outsideTransaction } from '../postgres/guard.ts'

/** Reads the keys that personal data are sealed with. An erased user has none. */
export interface UserVault {
  /**
   * The keys of these users, by user id; one statement whatever their number. A user without a key
   * is left out. May be called inside a transaction of another database: it never joins it. Throws
   * `Poison` slug `cannot-unseal` when CREDENTIAL_KEY is not the one that the keys were sealed with.
   */
  keysOf(userIds: readonly string[]): Promise<ReadonlyMap<string, string>>
}

const select = 'SELECT id::text AS id, sealed_key FROM write.user_keys WHERE id = ANY($1::uuid[])'

/** The vault in the write side's database. `credentialKey` is CREDENTIAL_KEY. */
export const userVault = (writeSide: Queryable, credentialKey: string): UserVault => ({
  async keysOf(userIds) {
    if (userIds.length === 0) return new Map()
    const rows = await outsideTransaction(() =>
      writeSide.query<{ id: string; sealed_key: string }>(select, [[...new Set(userIds)]]),
    )
    return new Map(
      rows.map(({ id, sealed_key }) => [id, openUserKey(credentialKey, sealed_key, id)]),
    )
  },
})

/**
 * What was sealed with the user's own key, or `null` when that key was thrown away. Throws `Poison`
 * slug `cannot-unseal` when the text was sealed for somebody else.
 */
export const openSealed = (
  keys: ReadonlyMap<string, string>,
  userId: string,
  sealed: string,
): string | null => {
  const key = keys.get(userId)
  return key === undefined ? null : unseal(key, sealed, userId)
}
