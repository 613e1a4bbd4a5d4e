import { verify, verifyWithJwks } from 'hono/jwt'
import type { AsymmetricAlgorithm } from 'hono/utils/jwt/jwa'
import type { JWTPayload } from 'hono/utils/jwt/types'
import type { Caller } from '../http/edge-env.ts'
import { isUuid } from '../kernel/ids.ts'
import type { PublishedKeys } from './published-keys.ts'

/** Whose tokens are believed. With `keys` only asymmetric signatures count, with `secret` only HS256. */
export type TokenTrust = (
  | { readonly secret: string; readonly keys?: never }
  | { readonly keys: PublishedKeys; readonly secret?: never }
) & {
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
}

/**
 * Who the bearer of a token is; `undefined` for a token that does not hold, whatever the reason.
 * Throws `Transient` slug `identity-provider-unavailable` when the keys cannot be had.
 */
export type TokenVerifier = (token: string) => Promise<Caller | undefined>

// Pinned, so that a token cannot choose how it is checked (RFC 8725, sections 2.1 and 3.1).
const asymmetric: readonly AsymmetricAlgorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
]

/** Checks signature, `exp` (required), `nbf`, and issuer and audience where they are set (RFC 7519, 4.1). */
export const tokenVerifier = (trust: TokenTrust): TokenVerifier => {
  // A clock that is a second ahead elsewhere must not make a fresh token invalid: `iat` is not compared.
  const expected = {
    iat: false,
    ...(trust.issuer === undefined ? {} : { iss: trust.issuer }),
    ...(trust.audience === undefined ? {} : { aud: trust.audience }),
  }
  const payloadOf = async (token: string): Promise<JWTPayload | undefined> => {
    if (trust.secret !== undefined)
      return ifValid(verify(token, trust.secret, { ...expected, alg: 'HS256' }))
    const keys = await trust.keys.forToken(token)
    return ifValid(
      verifyWithJwks(token, {
        keys: [...keys],
        verification: expected,
        allowedAlgorithms: asymmetric,
      }),
    )
  }
  return async (token) => callerOf(await payloadOf(token))
}

const ifValid = (verified: Promise<JWTPayload>) => verified.catch(() => undefined)

const callerOf = (payload: JWTPayload | undefined): Caller | undefined => {
  if (payload === undefined || typeof payload.exp !== 'number') return undefined
  const subject = payload['sub']
  if (typeof subject !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(subject)) return undefined
  // As ids are in bodies and rows: one spelling for each.
  const id = isUuid(subject) ? subject.toLowerCase() : subject
  return { subject: id, agent: payload['role'] === 'agent' }
}
