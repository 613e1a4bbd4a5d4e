import type { Context } from 'hono'
import { MemoryStore, rateLimiter } from 'hono-rate-limiter'
import type { EdgeEnv } from '../../shared/http/edge-env.ts'
import { problem } from '../../shared/http/problem.ts'
import type { Peer } from '../../shared/runtime/serve.ts'

/**
 * Refuses a remote address that failed too often within a minute, whatever e-mail addresses it tried.
 * Counted in this process: a net under the count per e-mail address, which all processes share.
 */
export const addressLimit = (failuresAMinute = 60) => {
  const store = new MemoryStore<EdgeEnv>()
  return rateLimiter<EdgeEnv>({
    windowMs: 60_000,
    limit: failuresAMinute,
    skipSuccessfulRequests: true,
    standardHeaders: false,
    keyGenerator: addressOf,
    store,
    handler(c) {
      const until = store.get(addressOf(c))?.resetTime?.getTime() ?? 0
      throw problem('too-many-requests', 429, 'Too many failed attempts from your address.', {
        retryAfter: Math.max(1, (until - Date.now()) / 1000),
      })
    },
  })
}

// The socket's address, not a header: anybody can write a header.
const addressOf = (c: Context<EdgeEnv>): string => (c.env as Peer | undefined)?.address ?? 'unknown'
