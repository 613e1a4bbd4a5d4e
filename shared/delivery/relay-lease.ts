import type { Database } from '../postgres/database.ts'
import { outboxShares } from './outbox.ts'

/** Which shares of the outbox this process publishes at the moment. */
export interface ShareLease {
  /** Renews what is held, gives back what is too much, takes what nobody holds. */
  renew(): Promise<readonly number[]>
  /** Gives everything back at once. */
  release(): Promise<void>
}

// Two relays that both believe to hold a share publish its rows twice, each in order: what is first
// seen is in order all the same. Where the broker fences, the one that held it before is kept out.
const renew = `
  WITH me AS (
    INSERT INTO delivery.relay (holder, expires_at) VALUES ($1::uuid, now() + $2::interval)
    ON CONFLICT (holder) DO UPDATE SET expires_at = EXCLUDED.expires_at
  ), dead AS (
    DELETE FROM delivery.relay WHERE expires_at < now() AND holder <> $1::uuid
  ), share AS (
    SELECT ceil($3::integer::numeric / (1 + count(*)))::int AS size FROM delivery.relay
    WHERE expires_at >= now() AND holder <> $1::uuid
  ), mine AS (
    SELECT partition FROM delivery.relay_lease
    WHERE partition < $3::integer AND (holder = $1::uuid OR holder IS NULL OR expires_at < now())
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

/** Spreads the first `shares` evenly over the living holders; a dead one's are free after `expiresMs`. */
export const shareLease = (
  database: Database,
  holder: string,
  expiresMs: number,
  shares = outboxShares,
): ShareLease => ({
  async renew() {
    const expiry = `${expiresMs} milliseconds`
    const rows = await database.query<{ partition: number }>(renew, [holder, expiry, shares])
    return rows.map((row) => row.partition)
  },
  async release() {
    await database.query(release, [holder])
  },
})
