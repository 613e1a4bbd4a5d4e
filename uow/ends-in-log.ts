import type { EventContract } from '../shared/contracts/contract.ts'

/** Ends as the log has them, in whatever version, also of builds to come: `types` are patterns of `LIKE`. */
export const endsInLog = (endedBy: readonly EventContract[]) => ({
  module: endedBy[0]?.module ?? null,
  types: endedBy.map(({ type, version }) => `${type.slice(0, -String(version).length)}%`),
})
