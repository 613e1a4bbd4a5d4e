import { required, type Settings } from '../runtime/settings.ts'
import { publishedKeys } from './published-keys.ts'
import { type TokenVerifier, tokenVerifier } from './token-verifier.ts'

/** Who checks tokens; nobody with AUTH=off. A key set counts before a secret. Throws `BadSetting`. */
export const verifierOf = (settings: Settings): TokenVerifier | undefined => {
  if (settings.auth === 'off') return undefined
  const expected = { issuer: settings.jwtIssuer, audience: settings.jwtAudience }
  return settings.jwksUrl === undefined
    ? tokenVerifier({ ...expected, secret: required(settings, 'jwtSecret') })
    : tokenVerifier({ ...expected, keys: publishedKeys({ url: settings.jwksUrl }) })
}
