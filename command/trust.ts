import { publishedKeys } from '../shared/identity/published-keys.ts'
import { type TokenVerifier, tokenVerifier } from '../shared/identity/token-verifier.ts'
import { required, type Settings } from '../shared/runtime/settings.ts'
import type { TokenIssuer } from './sessions/access-token.ts'

/** Who checks tokens; nobody with AUTH=off. A key set counts before a secret. Throws `BadSetting`. */
export const verifierOf = (settings: Settings): TokenVerifier | undefined => {
  if (settings.auth === 'off') return undefined
  const expected = { issuer: settings.jwtIssuer, audience: settings.jwtAudience }
  return settings.jwksUrl === undefined
    ? tokenVerifier({ ...expected, secret: required(settings, 'jwtSecret') })
    : tokenVerifier({ ...expected, keys: publishedKeys({ url: settings.jwksUrl }) })
}

/** What tokens of ours are signed with; nothing where an identity provider issues them. */
export const issuerOf = (settings: Settings): TokenIssuer | undefined => {
  const { jwksUrl, jwtSecret, jwtIssuer, jwtAudience } = settings
  return jwksUrl === undefined && jwtSecret !== undefined
    ? { secret: jwtSecret, issuer: jwtIssuer, audience: jwtAudience }
    : undefined
}
