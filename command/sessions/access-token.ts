import { sign } from 'hono/jwt'
import { newId } from '../../shared/kernel/ids.ts'

export interface TokenIssuer {
  readonly secret: string
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
}

/** Seconds for which a token holds. */
export const tokenLifetime = 3600

/** A JWT (RFC 7519) signed with HS256 for one user. */
export const accessToken = (
  { secret, issuer, audience }: TokenIssuer,
  subject: string,
  now: Date,
): Promise<string> => {
  const issuedAt = Math.floor(now.getTime() / 1000)
  return sign(
    {
      sub: subject,
      iat: issuedAt,
      exp: issuedAt + tokenLifetime,
      jti: newId(),
      ...(issuer === undefined ? {} : { iss: issuer }),
      ...(audience === undefined ? {} : { aud: audience }),
    },
    secret,
    'HS256',
  )
}
