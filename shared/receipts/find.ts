import type { Caller } from '../http/edge-env.ts'
import { problem } from '../http/problem.ts'
import { isDerivedId } from '../kernel/ids.ts'
import type { OutcomeWatcher } from './outcomes.ts'
import type { StoredReceipt } from './read-receipt.ts'
import { type TicketClaims, openTicket } from './ticket.ts'

export interface FindOptions {
  readonly watcher: Pick<OutcomeWatcher, 'current' | 'wouldKnow'>
  /** TICKET_SECRET */
  readonly secret: string
  readonly auth: 'off' | 'jwt'
  /** Default: the system's clock. */
  readonly now?: () => Date
}

const keptMs = 30 * 24 * 3600 * 1000

/** Only somebody who reads the rows can tell. */
export const unknownHere = Symbol('unknown here')

/**
 * What is known of a command: its row, or what its ticket says. `unknownHere` where no rows are read
 * and the ticket alone may be out of date. Throws an `HttpProblem`: 404 for neither and for what is
 * another's, 401 where somebody must say first who they are, 410 after 30 days.
 */
export const findReceipt = async (
  { watcher, secret, auth, now }: FindOptions,
  request: {
    readonly id: string
    readonly ticket?: string | undefined
    readonly caller?: Caller | undefined
    /** What a ticket says is good enough, out of date or not. */
    readonly settleForTicket?: boolean
  },
): Promise<StoredReceipt | typeof unknownHere> => {
  const claims = openTicket(secret, request.ticket, request.id)
  const known = await watcher.current(request.id)
  // Under a key the ticket is perhaps that of a repeat, sent long after the command had finished.
  const sentAt = new Date(isDerivedId(request.id) ? 0 : (claims?.submitted_at ?? 0))
  if (!known && !request.settleForTicket && !watcher.wouldKnow(sentAt)) return unknownHere
  const found = known ?? (claims && accepted(claims))
  if (auth === 'jwt') requireReader(found, claims, request.caller)
  if (!found)
    throw problem(
      'not-found',
      404,
      'No command of this id is known. Its Location carries a ticket.',
    )
  if ((now?.() ?? new Date()).getTime() - Date.parse(found.submitted_at) > keptMs)
    throw problem('gone', 410, 'Receipts are kept for 30 days; this one is older.')
  return found
}

const requireReader = (
  found: StoredReceipt | undefined,
  claims: TicketClaims | undefined,
  caller: Caller | undefined,
): void => {
  // Commands that anybody may send (a registration) are read with their ticket alone.
  if (found?.owner === null && claims) return
  if (!caller)
    throw problem('unauthenticated', 401, 'A bearer token is needed to read this receipt.', {
      headers: { 'www-authenticate': 'Bearer' },
    })
  if (found && !caller.agent && found.owner !== caller.subject)
    throw problem(
      'not-found',
      404,
      'No command of this id is known. Its Location carries a ticket.',
    )
}

const accepted = ({ command_id, type, target_id, owner, submitted_at }: TicketClaims) => ({
  command_id,
  type,
  status: 'accepted' as const,
  id: target_id,
  owner,
  version: null,
  submitted_at,
  finished_at: null,
  attempts: 0,
  events: [],
  problem: null,
})
