import type { Caller } from '../shared/http/edge-env.ts'
import { problem } from '../shared/http/problem.ts'

/**
 * For what is the house's own and no customer's: prices, stock, capacities. Throws an `HttpProblem` 403
 * for a caller who is no agent. Without callers (AUTH=off) anybody may.
 */
export const agentsOnly = (caller: Caller | undefined): void => {
  if (caller === undefined || caller.agent) return
  throw problem('forbidden', 403, 'Only agents change what is sold, and how much of it there is.')
}
