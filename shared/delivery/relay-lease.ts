import type { Database } from '../postgres/database.ts'
import { outboxPartitions } from './outbox.ts'

/** Which outbox partitions this process publishes at the moment. */
export interface PartitionLease {
  /** Renews what is held, gives back what is too much, takes what nobody holds. */
  renew(): Promise<readonly number[]>
  /** Gives everything back at once. */
  release(): Promise<void>
}

// Two relays that both believe to hold a partition publish its rows twice, each in order: what is
// first seen is in order all the same. So the lease saves work; no fencing hangs on it.
const renew = `
  WITH me AS (
    INSERT INTO delivery.relay (holder, expires_at) VALUES ($1::uuid, now() + $2::interval)
    ON CONFLICT (holder) DO UPDATE SET expires_at = EXCLUDED.expires_at
  ), dead AS (
    DELETE FROM delivery.relay WHERE expires_at < now() AND holder <> $1::uuid
  ), share AS (
    SELECT ceil(${outboxPartitions}.0 / (1 + count(*)))::int AS size FROM delivery.relay
    WHERE expires_at >= now() AND holder <> $1::uuid
  ), mine AS (
    SELECT partition FROM delivery.relay_lease
    WHERE holder = $1::uuid OR holder IS NULL OR expires_at < now()
    ORDER BY (holder = $1::uuid) DESC NULLS LAST, partition
    LIMIT (SELECT size FROM share) FOR UPDATE SKIP LOCKED
  ), changed AS (
    UPDATE delivery.relay_lease l SET
      holder = CASE WHEN l.partition IN (SELECT partition FROM mine) THEN $1::uuid END,
      expires_at = now() + $2::interval
    WHERE l.partition IN (SELECT partition FROM mine) OR l.holder = $1::uuid
    RETURNING l.partition, l.holder
  )
  SELECT partition FROM changed WHERE holder = $1::uuid ORDER BY partition`

const release = `
  WITH given_back AS (
    UPDATE delivery.relay_lease SET holder = NULL WHERE holder = $1::uuid
  )
  DELETE FROM delivery.relay WHERE holder = $1::uuid`

/** Spreads the partitions evenly over the living holders; a dead one's are free after `expiresMs`. */
export const partitionLease = (
  database: Database,
  holder: string,
  expiresMs: number,
): PartitionLease => ({
  async renew() {
    const expiry = `${expiresMs} milliseconds`
    const rows = await database.query<{ partition: number }>(renew, [holder, expiry])
    return rows.map((row) => row.partition)
  },
  async release() {
    await database.query(release, [holder])
  },
})
