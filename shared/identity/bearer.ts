import { createMiddleware } from 'hono/factory'
import type { Caller, EdgeEnv } from '../http/edge-env.ts'
import { type HttpProblem, problem } from '../http/problem.ts'
import type { TokenVerifier } from './token-verifier.ts'

const realm = 'Bearer realm="aeroalpes"'

/**
 * Sets `caller` from the bearer token (RFC 6750). Without a token the request goes on without a
 * caller; with one that does not hold it is 401, also where none was needed.
 */
export const authenticate = (verifier: TokenVerifier) =>
  createMiddleware<EdgeEnv>(async (c, next) => {
    const header = c.req.header('authorization')
    if (header !== undefined) c.set('caller', await callerOf(header, verifier))
    await next()
  })

/** 401 without a caller, except where `isOpen` says that anybody may come. */
export const requireCaller = (isOpen: (method: string, path: string) => boolean) =>
  createMiddleware<EdgeEnv>(async (c, next) => {
    if (c.get('caller') === undefined && !isOpen(c.req.method, c.req.path))
      throw unauthenticated('Send a bearer token, as POST /sessions gives one.', realm)
    await next()
  })

/** May `caller` act for `owner`? Anybody for nobody's things; agents for everybody. */
export const mayActFor = (caller: Caller, owner: string | null | undefined): boolean =>
  caller.agent || owner === null || owner === undefined || owner === caller.subject

const callerOf = async (header: string, verifier: TokenVerifier): Promise<Caller> => {
  const token = /^bearer +([^\s]+) *$/i.exec(header)?.[1]
  const caller = token === undefined ? undefined : await verifier(token)
  if (caller) return caller
  throw unauthenticated(
    'The bearer token is not valid: expired, not signed by a key that is trusted here, or meant for somebody else.',
    `${realm}, error="invalid_token"`,
  )
}

const unauthenticated = (detail: string, challenge: string): HttpProblem =>
  problem('unauthenticated', 401, detail, { headers: { 'www-authenticate': challenge } })
