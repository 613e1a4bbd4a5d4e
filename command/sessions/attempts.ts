import type { Database } from '../../shared/postgres/database.ts'

export type Admission =
  | { readonly admitted: true; readonly failures: number }
  | { readonly admitted: false; readonly retryAfterSeconds: number }

/**
 * Failed attempts to log in, counted per address in the database, so that all processes see them.
 * From the fifth in a row on each one closes the address for 1, 2, 4 ... seconds, 15 minutes at most.
 */
export interface Attempts {
  /**
   * Counts the attempt as a failure before the password is looked at: of many at the same instant
   * only as many are let through as one after the other would be.
   */
  admit(emailDigest: string): Promise<Admission>
  /** The password was right: nothing counts any more. */
  forgive(emailDigest: string): Promise<void>
  /** The password could not be looked at: this one attempt does not count. */
  takeBack(emailDigest: string): Promise<void>
  /** Forgets what is older than a day; answers how many addresses. */
  purge(): Promise<number>
}

const forgetting = "interval '1 hour'"
const next = `CASE WHEN a.last_at < now() - ${forgetting} THEN 1 ELSE a.failures + 1 END`
const admitStatement = `
  INSERT INTO write.login_attempts AS a (email_digest, failures, last_at, blocked_until)
  VALUES ($1, 1, now(), now())
  ON CONFLICT (email_digest) DO UPDATE SET failures = ${next}, last_at = now(),
    blocked_until = now() + make_interval(secs =>
      CASE WHEN ${next} < 5 THEN 0 ELSE least(900, 2 ^ least(${next} - 5, 10)) END)
  WHERE a.blocked_until <= now()
  RETURNING failures`
const blockedStatement = `
  SELECT greatest(1, ceil(extract(epoch FROM blocked_until - now())))::int AS seconds
  FROM write.login_attempts WHERE email_digest = $1`
const takeBackStatement = `
  UPDATE write.login_attempts SET failures = greatest(0, failures - 1), blocked_until = now()
  WHERE email_digest = $1`
const purgeStatement = `
  WITH gone AS (DELETE FROM write.login_attempts
    WHERE last_at < now() - interval '1 day' RETURNING 1)
  SELECT count(*)::int AS count FROM gone`

export const attemptsIn = (database: Database): Attempts => ({
  async admit(emailDigest) {
    const [admitted] = await database.query<{ failures: number }>(admitStatement, [emailDigest])
    if (admitted) return { admitted: true, failures: admitted.failures }
    const [blocked] = await database.query<{ seconds: number }>(blockedStatement, [emailDigest])
    return { admitted: false, retryAfterSeconds: blocked?.seconds ?? 1 }
  },
  async forgive(emailDigest) {
    await database.query('DELETE FROM write.login_attempts WHERE email_digest = $1', [emailDigest])
  },
  async takeBack(emailDigest) {
    await database.query(takeBackStatement, [emailDigest])
  },
  async purge() {
    const [found] = await database.query<{ count: number }>(purgeStatement)
    return found?.count ?? 0
  },
})
