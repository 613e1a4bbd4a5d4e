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

/** Somebody who is registered: the language they read, and their sealed personal data, opened. */
export interface KnownUser {
  readonly locale: string
  readonly personal: string
}

/**
 * Who somebody is; `null` for an id of nobody, and once they were erased. Throws as an `Opener` does.
 */
export type UserFinder = (userId: string) => KnownUser | null

/** Reads the keys that personal data are sealed with. An erased user has none. */
export interface UserVault {
  /**
   * An opener for these users; one statement whatever their number. May be called inside a
   * transaction of the read side: it looks with a connection of its own, at what is committed.
   */
  openerFor(userIds: readonly string[]): Promise<Opener>
  /** Who these are, for whoever has nothing of theirs to open; otherwise like `openerFor`. */
  finderFor(userIds: readonly string[]): Promise<UserFinder>
}

const selectKeys =
  'SELECT id::text AS id, sealed_key FROM write.user_keys WHERE id = ANY($1::uuid[])'
const selectUsers = `
  SELECT k.id::text AS id, k.sealed_key, u.locale, u.personal
  FROM write.user_keys k JOIN write.users u ON u.id = k.id WHERE k.id = ANY($1::uuid[])`

interface KeyRow {
  readonly id: string
  readonly sealed_key: string
}
interface UserRow extends KeyRow {
  readonly locale: string
  readonly personal: string
}

/** The vault in the write side's database. `credentialKey` is CREDENTIAL_KEY. */
export const userVault = (writeSide: Queryable, credentialKey: string): UserVault => ({
  async openerFor(userIds) {
    const rows = await read<KeyRow>(writeSide, selectKeys, userIds)
    const keys = new Map(rows.map((row) => [row.id, row]))
    return (userId, sealed) => {
      const row = keys.get(userId)
      return row ? openWith(credentialKey, row, sealed) : null
    }
  },
  async finderFor(userIds) {
    const rows = await read<UserRow>(writeSide, selectUsers, userIds)
    const users = new Map(rows.map((row) => [row.id, row]))
    return (userId) => {
      const user = users.get(userId)
      return user
        ? { locale: user.locale, personal: openWith(credentialKey, user, user.personal) }
        : null
    }
  },
})

const openWith = (credentialKey: string, { id, sealed_key }: KeyRow, sealed: string): string =>
  unseal(openUserKey(credentialKey, sealed_key, id), sealed, id)

const read = async <Row extends object>(
  writeSide: Queryable,
  select: string,
  userIds: readonly string[],
): Promise<readonly Row[]> =>
  userIds.length === 0
    ? []
    : outsideTransaction(() => writeSide.query<Row>(select, [[...new Set(userIds)]]))
