import { recent } from '../../shared/receipts/recent.ts'
import { type Claims, type Identity, keyReused } from './claims.ts'

/**
 * Claims where there is no database. The ids follow from the key, so a repeat is dropped by the inbox
 * whichever process it reaches, and the first body wins there. Another body is refused as far as this
 * process remembers: the last 10,000 keys.
 */
export const rememberedClaims = (): Claims => {
  const known = recent<Identity & { readonly fingerprint: string }>(10_000)
  return {
    async claim({ scope, fingerprint, commandId, targetId }) {
      const first = known.get(scope) ?? {
        fingerprint,
        commandId,
        targetId,
        submittedAt: new Date(),
      }
      if (first.fingerprint !== fingerprint) throw keyReused()
      known.set(scope, first)
      return { commandId, targetId, submittedAt: first.submittedAt }
    },
    purge: async () => 0,
  }
}
