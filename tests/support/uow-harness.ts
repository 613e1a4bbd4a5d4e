import { blamed } from '../../shared/delivery/failures.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import { databaseTrouble } from '../../shared/postgres/errors.ts'
import type { WriteModel } from '../../uow/handler.ts'
import type { CommandRun } from '../../uow/task.ts'
import { type Executed, unitOfWork } from '../../uow/unit-of-work.ts'
import { testDatabase } from './postgres.ts'
import { bankModel } from './uow-bank.ts'
import { bankSchema } from './uow-bank-rows.ts'
import { until } from './until.ts'

export interface Bank {
  readonly database: Database
  /** One transaction for these commands. */
  run(envelopes: readonly Envelope[], wait?: boolean): Promise<Executed<CommandRun>>
  /** As a worker does it: what is deferred runs again, waiting; contention is tried again. */
  settle(envelopes: readonly Envelope[]): Promise<Executed<CommandRun>['results']>
  accounts(): Promise<{ id: string; version: number; balance: number }[]>
  close(): Promise<void>
}

/** A bank of its own on a fresh database. */
export const openBank = async (model: WriteModel = bankModel, connections = 16): Promise<Bank> => {
  const test = await testDatabase(['broker', 'delivery', 'uow'])
  const database = openDatabase(test.url, { name: 'bank', max: connections * 2 })
  for (const statement of bankSchema) await database.query(statement)
  const unit = unitOfWork(model)
  const run = (envelopes: readonly Envelope[], wait = false) => {
    const runs = envelopes.map((envelope) => ({ envelope, key: envelope.subject, attempts: 1 }))
    return database.transaction((transaction) =>
      unit.execute(transaction, runs, { wait, now: new Date() }),
    )
  }
  const untilDone = async (envelopes: readonly Envelope[], wait: boolean) => {
    for (;;) {
      try {
        return await run(envelopes, wait)
      } catch (error) {
        if (databaseTrouble(error) !== 'contention') throw error
      }
    }
  }
  return {
    database,
    run,
    async settle(envelopes) {
      const first = await untilDone(envelopes, false)
      const later = await untilDone(
        first.deferred.map(({ envelope }) => envelope),
        true,
      )
      return [...first.results, ...later.results]
    },
    accounts: () => database.query('SELECT id, version, balance FROM bank.account ORDER BY id'),
    async close() {
      await database.close()
      await test.drop()
    },
  }
}

/** Counts the deadlocks that Postgres has had to break so far in this database. */
export const deadlocks = async (database: Database): Promise<number> => {
  const [row] = await database.query<{ deadlocks: number }>(
    `SELECT pg_stat_force_next_flush(), deadlocks::integer FROM pg_stat_database
     WHERE datname = current_database()`,
  )
  return row?.deadlocks ?? 0
}

const holding = 'SELECT FROM bank.account WHERE id = ANY($1::uuid[]) FOR UPDATE'

/** Runs `work` while somebody else has done `statement` to these accounts; commits when it resolves. */
export const whileHeld = async <T>(
  database: Database,
  ids: readonly string[],
  work: () => Promise<T>,
  statement = holding,
): Promise<T> => {
  const held = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const foreign = database.transaction(async (transaction) => {
    await transaction.query(statement, [ids])
    held.resolve()
    await done.promise
  })
  await held.promise
  try {
    return await work()
  } finally {
    done.resolve()
    await foreign
  }
}

/** Resolves as soon as that many sessions of this database wait for a lock. */
export const somebodyWaits = (database: Database, sessions = 1): Promise<boolean> =>
  until(async () => {
    const waiting = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return waiting.length >= sessions
  })

/** The slug of the rejection of each result, or `ok`. */
export const ends = (results: Executed<CommandRun>['results']): readonly string[] =>
  results.map(({ problem }) => problem?.type.split(':').at(-1) ?? 'ok')

/** What `work` throws, with the message that it blames. */
export const failureOf = async (work: () => Promise<unknown>) => {
  try {
    await work()
  } catch (error) {
    return { error, slug: (error as { slug?: string }).slug, blamed: blamed(error) }
  }
  throw new Error('nothing was thrown')
}
