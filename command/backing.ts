import type { Check, RoleContext } from '../shared/runtime/role.ts'
import type { OutcomeWatcherOptions } from '../shared/receipts/outcomes.ts'
import type { Claims } from './idempotency/claims.ts'
import type { Passwords } from './passwords.ts'
import type { SessionRouteOptions } from './sessions/http.ts'

/** What stands behind a command-api beside the broker: a database, or nothing at all. */
export interface Backing {
  readonly claims: Claims
  readonly sessions: SessionRouteOptions
  readonly readReceipt: OutcomeWatcherOptions['read']
  /** Where receipts are read that are not known here. */
  readonly elsewhere: string | undefined
  checks(): Promise<readonly Check[]>
  stop(): Promise<void>
}

export type OpenBacking = (context: RoleContext, passwords: Passwords) => Promise<Backing>

/** A module of its own for each, since a process without a database loads nothing that speaks to one. */
export const backingOf: OpenBacking = async (context, passwords) => {
  const { open } = context.withoutDatabase
    ? await import('./backing-without-database.ts')
    : await import('./backing-database.ts')
  return open(context, passwords)
}
