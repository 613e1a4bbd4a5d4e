import type { OpenBacking } from './backing.ts'
import { rememberedClaims } from './idempotency/remembered-claims.ts'

/** Keys by what follows from them, receipts by what the broker tells, and log-ins somewhere else. */
export const open: OpenBacking = async ({ settings: { commandUrl, queryUrl } }) => ({
  claims: rememberedClaims(),
  sessions: { commandUrl },
  readReceipt: undefined,
  elsewhere: queryUrl,
  checks: async () => [],
  stop: async () => {},
})
