import { writeModel } from '../../command/write-model.ts'
import type { DataOf } from '../../shared/contracts/contract.ts'
import { type CommandName, type Commands, commands } from '../../shared/contracts/topology.ts'
import { newId } from '../../shared/kernel/ids.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import { databaseTrouble } from '../../shared/postgres/errors.ts'
import type { OwnedReceipt } from '../../uow/receipts.ts'
import { unitOfWork } from '../../uow/unit-of-work.ts'
import { testDatabase } from './postgres.ts'
import { credentialKey } from './recorded-events.ts'

export interface WriteSide {
  readonly database: Database
  /** Carries commands out in one batch, as a worker does: what is deferred or contended runs again. */
  settle(envelopes: readonly Envelope[]): Promise<readonly OwnedReceipt[]>
  /** What `settle` answers of many commands, in batches of 100 by several workers at once. */
  storm(envelopes: readonly Envelope[], workers?: number): Promise<readonly OwnedReceipt[]>
  close(): Promise<void>
}

/** The whole write model on a database of its own, without a broker. */
export const testWriteSide = async (): Promise<WriteSide> => {
  const home = await testDatabase(['broker', 'delivery', 'uow', 'write'])
  const database = openDatabase(home.url, { name: 'test', max: 20 })
  const unit = unitOfWork(writeModel(credentialKey))
  const once = async (envelopes: readonly Envelope[], wait: boolean) => {
    const runs = envelopes.map((envelope) => ({ envelope, key: envelope.subject, attempts: 1 }))
    for (;;) {
      try {
        return await database.transaction((transaction) =>
          unit.execute(transaction, runs, { wait, now: new Date() }),
        )
      } catch (error) {
        if (databaseTrouble(error) !== 'contention') throw error
      }
    }
  }
  const settle = async (envelopes: readonly Envelope[]) => {
    const first = await once(envelopes, false)
    const later = await once(
      first.deferred.map(({ envelope }) => envelope),
      true,
    )
    return [...first.results, ...later.results]
  }
  return {
    database,
    settle,
    async storm(envelopes, workers = 6) {
      const receipts: OwnedReceipt[] = []
      let next = 0
      const work = async () => {
        for (let from = next; from < envelopes.length; from = next) {
          next = from + 100
          receipts.push(...(await settle(envelopes.slice(from, next))))
        }
      }
      await Promise.all(Array.from({ length: workers }, work))
      return receipts
    },
    async close() {
      await database.close()
      await home.drop()
    },
  }
}

export const commandOf = <Name extends CommandName>(
  name: Name,
  subject: string,
  data: DataOf<Commands[Name]>,
): Envelope => {
  const id = newId()
  const time = new Date().toISOString()
  return { id, type: commands[name].type, source: '/tests', time, subject, data, correlationId: id }
}

/** The events of a receipt by their short names, or the slug of its rejection. */
export const endOf = ({ events, problem }: OwnedReceipt): string =>
  problem?.type.split(':').at(-1) ?? events.map(({ type }) => type.split('.').at(-2)).join(' ')
