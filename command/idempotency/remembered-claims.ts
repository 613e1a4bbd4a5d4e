import { recent } from '../../shared/receipts/recent.ts'
import { type Claims, type Identity, keyReused } from './claims.ts'

/** A repeat after it would be older than the inbox remembers, and stop its thing as a dead letter. */
const keptMs = 7 * 86_400_000

/**
 * Claims where there is no database. The ids follow from the key, so a repeat is dropped by the inbox
 * whichever process it reaches, and the first body wins there. Another body is refused as far as this
 * process remembers: the last 10,000 keys.
 */
export const rememberedClaims = (): Claims => {
  const known = recent<Identity & { readonly fingerprint: string }>(10_000)
  return {
    async claim({ scope, fingerprint, commandId, targetId, anew }) {
      const found = known.get(scope)
      const isOld = found && Date.now() - found.submittedAt.getTime() > keptMs
      const ids = isOld ? anew : { commandId, targetId }
      const first = found && !isOld ? found : { fingerprint, ...ids, submittedAt: new Date() }
      if (first.fingerprint !== fingerprint) throw keyReused()
      known.set(scope, first)
      return first
    },
    purge: async () => 0,
  }
}
