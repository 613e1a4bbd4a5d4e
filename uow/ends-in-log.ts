import type { EventContract } from '../shared/contracts/contract.ts'
import { earlierContracts } from '../shared/contracts/upcasting.ts'

/** Ends as the log has them, in whatever version. */
export const endsInLog = (endedBy: readonly EventContract[]) => {
  const ends = endedBy.flatMap((contract) => [...earlierContracts(contract), contract])
  return { module: ends[0]?.module ?? null, types: ends.map(({ type }) => type) }
}
