import type { Database, Queryable, Transaction } from '../../shared/postgres/database.ts'
import type { Unreached } from './catch-up.ts'
import { type Building, saveProgress } from './progress.ts'

/** Where tables catch up: under the locks of a swap, or while everything goes on. */
export interface At {
  /** Where both kinds of table are read. */
  readonly on: Queryable
  readonly within: (work: (tx: Transaction) => Promise<void>) => Promise<void>
  /** What was done within stays, whatever fails later. */
  readonly lasting: boolean
}

/**
 * Brings the tables beside the live ones to where these are, or further, from wherever the events come.
 * Answers what could not be reached.
 */
export type Reach = (building: Building, at: At) => Promise<readonly Unreached[]>

/** In transactions of its own, as long as no other run has taken over. */
export const inPortions = (building: Building, read: Database): At => ({
  on: read,
  within: (work) =>
    read.transaction(async (tx) => {
      await saveProgress(tx, building)
      await work(tx)
    }),
  lasting: true,
})
