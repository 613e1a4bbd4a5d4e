import { contended } from '../shared/delivery/failures.ts'
import type { Transaction } from '../shared/postgres/database.ts'
import type { Claim } from './handler.ts'

/** Who owns which business key, as the commands of one batch change it one after another. */
export interface ClaimLedger {
  /** False when somebody else owns the key. */
  grants(claim: Claim): boolean
  /** For a command that was carried out. What a rejected one has claimed stays free for the next. */
  take(claims: readonly Claim[]): void
  /** Forgets every decision. */
  reset(): void
  /** Gives back what nobody took, and writes down who took it where that was not the first to ask. */
  settle(transaction: Transaction): Promise<void>
}

const insert = `
  INSERT INTO uow.claim (registry, value, owner)
  SELECT registry, value, owner FROM json_to_recordset($1::json)
    AS c(registry text, value text, owner text)
  ORDER BY registry, value ON CONFLICT DO NOTHING RETURNING registry, value`

const find = `
  SELECT registry, value, owner FROM uow.claim
  JOIN json_to_recordset($1::json) AS c(registry text, value text) USING (registry, value)`

const release = `
  DELETE FROM uow.claim t USING json_to_recordset($1::json) AS c(registry text, value text)
  WHERE t.registry = c.registry AND t.value = c.value`

const reassign = `
  UPDATE uow.claim t SET owner = c.owner
  FROM json_to_recordset($1::json) AS c(registry text, value text, owner text)
  WHERE t.registry = c.registry AND t.value = c.value`

/**
 * Claims all keys in one statement, sorted, so that two batches never wait for each other in a ring.
 * A key that is taken is data: a unique violation would abort the whole batch. Waits for a foreign
 * transaction that has claimed the same key and not ended, at most the lock timeout.
 */
export const claimKeys = async (
  transaction: Transaction,
  claims: readonly Claim[],
): Promise<ClaimLedger> => {
  const asked = new Map<string, Claim>()
  for (const claim of claims) if (!asked.has(keyOf(claim))) asked.set(keyOf(claim), claim)
  const wanted = [...asked.values()]
  const added =
    wanted.length > 0
      ? await transaction.query<Pick<Claim, 'registry' | 'value'>>(insert, [wanted])
      : []
  const mine = new Set(added.map(keyOf))
  const taken = await ownersOf(
    transaction,
    wanted.filter((claim) => !mine.has(keyOf(claim))),
  )
  return ledger(
    wanted.filter((claim) => mine.has(keyOf(claim))),
    taken,
  )
}

const ownersOf = async (transaction: Transaction, claims: readonly Claim[]) => {
  const found = claims.length > 0 ? await transaction.query<Claim>(find, [claims]) : []
  if (found.length < claims.length)
    throw contended('a business key was given back while it was being claimed')
  return new Map(found.map((claim) => [keyOf(claim), claim.owner]))
}

const ledger = (added: readonly Claim[], taken: ReadonlyMap<string, string>): ClaimLedger => {
  let owners = new Map(taken)
  return {
    grants(claim) {
      const owner = owners.get(keyOf(claim))
      return owner === undefined || owner === claim.owner
    },
    take(claims) {
      for (const claim of claims) if (this.grants(claim)) owners.set(keyOf(claim), claim.owner)
    },
    reset() {
      owners = new Map(taken)
    },
    async settle(transaction) {
      const free = added.filter((claim) => !owners.has(keyOf(claim)))
      const moved = added
        .map((claim) => ({ ...claim, owner: owners.get(keyOf(claim)) ?? claim.owner }))
        .filter(({ owner }, index) => owner !== added[index]?.owner)
      await Promise.all([
        free.length > 0 && transaction.query(release, [free]),
        moved.length > 0 && transaction.query(reassign, [moved]),
      ])
    },
  }
}

// NUL separates, since no text in Postgres can contain it.
const keyOf = ({ registry, value }: Pick<Claim, 'registry' | 'value'>) => `${registry}\0${value}`
