/**
 * What a database error means for the work that met it
 * (https://www.postgresql.org/docs/18/errcodes-appendix.html).
 *
 * - `contention`: a lock or a serialization conflict. The same work may pass; never a dead letter by itself.
 * - `away`: the database cannot be reached or takes no work. Pause, without counting attempts.
 * - `other`: neither; the statement itself is wrong.
 */
export type DatabaseTrouble = 'contention' | 'away' | 'other'

const contention = new Set(['40001', '40P01', '55P03'])
const away =
  /^(08...|53...|57P0[1-5]|CONNECTION_.*|CONNECT_TIMEOUT|ECONN.*|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT)$/

/** The SQLSTATE of an error, or the driver's or system's code, looking through causes (drizzle wraps). */
export const errorCode = (error: unknown): string | undefined => {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ('code' in e && typeof e.code === 'string') return e.code
  }
  return undefined
}

/** Sorts an error; anything that is no database error is `other`. */
export const databaseTrouble = (error: unknown): DatabaseTrouble => {
  const code = errorCode(error)
  if (code === undefined) return 'other'
  if (contention.has(code)) return 'contention'
  return away.test(code) ? 'away' : 'other'
}
