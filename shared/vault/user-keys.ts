import { openUserKey } from '../kernel/credentials.ts'
import { unseal } from '../kernel/sealing.ts'
import type { Queryable } from '../postgres/database.ts'
import { outsideTransaction } from '../postgres/guard.ts'

/**
 * Opens what was sealed with a user's own key; `null` when that key was thrown away. Throws `Poison`
 * slug `cannot-unseal` when the text was sealed for somebody else, or the key with another
 * CREDENTIAL_KEY.
 */
export type Opener = (userId: string, sealed: string) => string | null

/** Reads the keys that personal data are sealed with. An erased user has none. */
export interface UserVault {
  /**
   * An opener for these users; one statement whatever their number. May be called inside a
   * transaction of the read side: it looks with a connection of its own, at what is committed.
   */
  openerFor(userIds: readonly string[]): Promise<Opener>
}

const select = 'SELECT id::text AS id, sealed_key FROM write.user_keys WHERE id = ANY($1::uuid[])'

/** The vault in the write side's database. `credentialKey` is CREDENTIAL_KEY. */
export const userVault = (writeSide: Queryable, credentialKey: string): UserVault => ({
  async openerFor(userIds) {
    const rows = await read(writeSide, [...new Set(userIds)])
    const sealedKeys = new Map(rows.map(({ id, sealed_key }) => [id, sealed_key]))
    return (userId, sealed) => {
      const key = sealedKeys.get(userId)
      return key === undefined
        ? null
        : unseal(openUserKey(credentialKey, key, userId), sealed, userId)
    }
  },
})

const read = async (writeSide: Queryable, userIds: readonly string[]) =>
  userIds.length === 0
    ? []
    : outsideTransaction(() =>
        writeSide.query<{ id: string; sealed_key: string }>(select, [userIds]),
      )
