import type { Caller } from '../shared/http/edge-env.ts'
import { problem } from '../shared/http/problem.ts'
import { mayActFor } from '../shared/identity/bearer.ts'

/**
 * Whom a request is made for: the one it names, else its caller. Throws an `HttpProblem` 403 when
 * the caller may not act for the one it names. Without callers (AUTH=off) anybody acts for anybody.
 */
export const actingFor = (
  caller: Caller | undefined,
  named: string | undefined,
  pointer: string,
): string | undefined => {
  if (caller === undefined) return named
  if (named === undefined) return caller.subject
  if (mayActFor(caller, named)) return named
  throw problem(
    'forbidden',
    403,
    'You may do this for yourself only: leave the id out or send your own. Agents act for others.',
    { errors: [{ pointer, detail: 'not your own id' }] },
  )
}
