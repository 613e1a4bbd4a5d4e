import { test } from 'bun:test'
import type { Contract, Feature, Harness } from '../../shared/messaging/contract-suite/contract.ts'

export interface TidyHarness extends Harness {
  /** Closes every client and ends every process. */
  cleanUp(): Promise<void>
}

/** The test of one contract. */
export const prove = (contract: Contract, open: () => TidyHarness): void =>
  test(
    contract.title,
    async () => {
      const harness = open()
      try {
        await contract.prove(harness)
      } finally {
        await harness.cleanUp()
      }
    },
    contract.timeoutMs ?? 10_000,
  )

export const needs = ({ needs: all = [] }: Contract, feature: Feature): boolean =>
  all.includes(feature)
