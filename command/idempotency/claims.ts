import { problem } from '../../shared/http/problem.ts'
import { Transient } from '../../shared/kernel/fates.ts'
import { within } from '../../shared/kernel/within.ts'
import type { Database } from '../../shared/postgres/database.ts'
import { eventId } from '../../uow/event-id.ts'

export interface Identity {
  readonly commandId: string
  readonly targetId: string
  readonly submittedAt: Date
}

export type Ids = Omit<Identity, 'submittedAt'>

/** The ids follow from the key, so that processes that share no database give it the same ones. */
export interface Keyed extends Ids {
  /** HMAC of caller and key. */
  readonly scope: string
  readonly fingerprint: string
  /** For a use of the key after its week: the ids that follow from it are taken then. */
  readonly anew: Ids
}

export interface Claims {
  /**
   * The identity of the command that the key stands for: the given one for a new key, the first one
   * for a repeat, whichever process claimed it. Throws an `HttpProblem` 422 for another fingerprint,
   * and a `Transient` when the database is away.
   */
  claim(keyed: Keyed): Promise<Identity>
  /** Forgets keys older than a week; answers how many. */
  purge(): Promise<number>
}

interface Row {
  readonly fingerprint: string
  readonly command_id: string
  readonly target_id: string
  readonly created_at: Date
}

const kept = "interval '7 days'"
const columns = 'fingerprint, command_id, target_id, created_at'

const claimStatement = `
  INSERT INTO write.idempotency_keys AS k (scope, fingerprint, command_id, target_id)
  SELECT $1, $2, CASE WHEN taken THEN $5::uuid ELSE $3::uuid END,
    CASE WHEN taken THEN $6::uuid ELSE $4::uuid END
  FROM (SELECT
    EXISTS (SELECT FROM uow.receipt
      WHERE command_id = $3::text AND submitted_at < now() - ${kept})
    OR EXISTS (SELECT FROM uow.event WHERE id = $7::uuid AND time < now() - ${kept}) AS taken) AS ids
  ON CONFLICT (scope) DO UPDATE SET fingerprint = EXCLUDED.fingerprint, created_at = now(),
    command_id = $5::uuid, target_id = $6::uuid
  WHERE k.created_at < now() - ${kept}
  RETURNING ${columns}`
const readStatement = `SELECT ${columns} FROM write.idempotency_keys WHERE scope = $1`
const purgeStatement = `
  WITH old AS (SELECT scope FROM write.idempotency_keys WHERE created_at < now() - ${kept}
    ORDER BY created_at LIMIT 10000 FOR UPDATE SKIP LOCKED),
  gone AS (DELETE FROM write.idempotency_keys USING old
    WHERE idempotency_keys.scope = old.scope RETURNING 1)
  SELECT count(*)::int AS count FROM gone`

export const claimsIn = (database: Database, deadlineMs = 2500): Claims => ({
  async claim(keyed) {
    const row = await within(deadlineMs, claimed(database, keyed), late)
    if (row.fingerprint !== keyed.fingerprint) throw keyReused()
    return { commandId: row.command_id, targetId: row.target_id, submittedAt: row.created_at }
  },
  async purge() {
    const [found] = await database.query<{ count: number }>(purgeStatement)
    return found?.count ?? 0
  },
})

const claimed = async (database: Database, keyed: Keyed): Promise<Row> => {
  const { scope, fingerprint, commandId, targetId, anew } = keyed
  const [made] = await database.query<Row>(claimStatement, [
    scope,
    fingerprint,
    commandId,
    targetId,
    anew.commandId,
    anew.targetId,
    eventId(commandId, 0),
  ])
  if (made) return made
  // A statement of its own: the one before does not see a row that was committed while it waited.
  const [found] = await database.query<Row>(readStatement, [scope])
  return found ?? claimed(database, keyed)
}

export const keyReused = () =>
  problem(
    'idempotency-key-reused',
    422,
    'This Idempotency-Key was used for another request within the last 7 days. Take a new key for a new request.',
  )

const late = () =>
  new Transient(
    'database-unavailable',
    'The database that keeps Idempotency-Keys is away. Nothing was sent; try again.',
  )
