import type { Settings } from '../shared/runtime/settings.ts'
import type { TokenIssuer } from './sessions/access-token.ts'

/** What tokens of ours are signed with; nothing where an identity provider issues them. */
export const issuerOf = (settings: Settings): TokenIssuer | undefined => {
  const { jwksUrl, jwtSecret, jwtIssuer, jwtAudience } = settings
  return jwksUrl === undefined && jwtSecret !== undefined
    ? { secret: jwtSecret, issuer: jwtIssuer, audience: jwtAudience }
    : undefined
}
