import type postgres from 'postgres'

export interface TransactionWatch {
  /** The longest time in ms that a connection was seen idle in one transaction. */
  stop(): Promise<number>
}

/** Looks at all connections twenty times a second. */
export const watchTransactions = (sql: postgres.Sql): TransactionWatch => {
  let longest = 0
  let watching = true
  const look = async () => {
    const [row] = await sql<{ idle: number | null }[]>`
      SELECT max(extract(epoch FROM clock_timestamp() - state_change) * 1000)::float8 AS idle
      FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'`
    longest = Math.max(longest, row?.idle ?? 0)
  }
  const watched = (async () => {
    while (watching) {
      // While Postgres is away nothing can be idle in it.
      await look().catch(() => undefined)
      await Bun.sleep(50)
    }
  })()
  return {
    async stop() {
      watching = false
      await watched
      return longest
    },
  }
}
