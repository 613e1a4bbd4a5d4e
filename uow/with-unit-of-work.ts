import { setTimeout as pause } from 'node:timers/promises'
import { contended } from '../shared/delivery/failures.ts'
import type { Envelope } from '../shared/messaging/envelope.ts'
import type { Database, Transaction } from '../shared/postgres/database.ts'
import { databaseTrouble } from '../shared/postgres/errors.ts'
import type { WriteModel } from './handler.ts'
import { type OwnedReceipt, openReceipt } from './receipts.ts'
import { type UnitOfWork, unitOfWork } from './unit-of-work.ts'

export interface DirectOptions {
  readonly clock?: () => Date
  /** How often contention is met before it is passed on. Default 10. */
  readonly tries?: number
}

/**
 * Carries out one command at once, in a transaction of its own, without a broker: the receipt is the
 * answer. A command id takes effect once here: a repeat answers the receipt that is there, whatever
 * it says. Waits for rows that somebody else holds and tries again on contention.
 *
 * Throws what the handler throws; the database's error when contention does not end; `Misuse` inside
 * another transaction.
 */
export const withUnitOfWork = async (
  database: Database,
  model: WriteModel,
  envelope: Envelope,
  { clock = () => new Date(), tries = 10 }: DirectOptions = {},
): Promise<OwnedReceipt> => {
  const unit = unitOfWork(model)
  for (let attempts = 1; ; attempts++) {
    try {
      return await database.transaction((transaction) =>
        carryOut(transaction, unit, envelope, clock(), attempts),
      )
    } catch (error) {
      if (attempts >= tries || databaseTrouble(error) !== 'contention') throw error
      await pause(Math.random() * 20 * attempts)
    }
  }
}

const carryOut = async (
  transaction: Transaction,
  unit: UnitOfWork,
  envelope: Envelope,
  now: Date,
  attempts: number,
): Promise<OwnedReceipt> => {
  const before = await openReceipt(transaction, envelope)
  if (before) return before
  // The first try may be optimistic; the next ones wait.
  const wait = attempts > 1
  const run = { envelope, key: envelope.subject, attempts: 1 }
  const { results } = await unit.execute(transaction, [run], { wait, now })
  const [receipt] = results
  if (receipt) return receipt
  throw contended(`what command ${envelope.id} needs is held by somebody else`)
}
