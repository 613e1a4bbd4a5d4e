import { writeSync } from 'node:fs'
import pino from 'pino'
import { roles } from '../../command/bootstrap.ts'
import { openBroker } from '../../shared/embedded/broker/broker.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import { type Database, openDatabase, type Transaction } from '../../shared/postgres/database.ts'
import { readSettings } from '../../shared/runtime/settings.ts'
import { createMetrics } from '../../shared/telemetry/metrics.ts'
import { credentialKey } from './recorded-events.ts'

/** When a process can be killed over a message: with it in hand, and on either side of the COMMIT. */
export const moments = ['received', 'before commit', 'after commit'] as const
export type Moment = (typeof moments)[number]

/** Stands for the transaction that fires timers, which no message leads to. */
export const timerFires = 'a timer fires'

type Die = (moment: Moment, names: readonly string[]) => void

/** Kills this process as soon as it meets any of these deaths, and says which: a line each. */
const killer =
  (deaths: readonly string[]): Die =>
  (moment, names) => {
    const met = names.map((name) => `${name}, ${moment}`).filter((death) => deaths.includes(death))
    if (met.length === 0) return
    writeSync(1, met.join('\n'))
    process.kill(process.pid, 'SIGKILL')
  }

/** The names of messages by id, as they are handed out. */
type Names = Map<string, string>

const deadlyBroker = (broker: Broker, names: Names, die: Die): Broker => ({
  ...broker,
  async subscribe(options) {
    const consumer = await broker.subscribe(options)
    return {
      ...consumer,
      acknowledge: (messages) => consumer.acknowledge(messages),
      close: () => consumer.close(),
      async receive(max, signal) {
        const messages = await consumer.receive(max, signal)
        const named = messages.map(
          ({ properties }) => [properties['ce_id'] ?? '', nameOf(properties['ce_type'])] as const,
        )
        for (const [id, name] of named) names.set(id, name)
        die(
          'received',
          named.map(([, name]) => name),
        )
        return messages
      },
    }
  },
})

const nameOf = (type = '') => type.split('.').at(-2) ?? ''

const deadlyDatabase = (database: Database, names: Names, die: Die): Database => ({
  ...database,
  async transaction(work) {
    const met: string[] = []
    const value = await database.transaction(async (transaction) => {
      const result = await work(overheard(transaction, names, met))
      die('before commit', met)
      return result
    })
    die('after commit', met)
    return value
  },
})

/** Notes in `met` what this transaction is about. */
const overheard = (transaction: Transaction, names: Names, met: string[]): Transaction => ({
  ...transaction,
  async query<Row extends object>(text: string, parameters?: readonly unknown[]) {
    const rows = await transaction.query<Row>(text, parameters)
    // Seen before, it has no effect here: whoever dies now has died after its COMMIT already.
    if (text.includes('delivery.admit'))
      met.push(
        ...(rows as readonly { fresh?: string[] }[])
          .flatMap(({ fresh }) => fresh ?? [])
          .map((id) => names.get(id) ?? ''),
      )
    if (text.includes(`state = 'fired'`) && rows.length > 0) met.push(timerFires)
    return rows
  },
})

/** One role, wired as everywhere, that is killed at one of `deaths`; without any it goes on. */
const live = async (url: string, name: keyof typeof roles, deaths: readonly string[]) => {
  // Whoever started it has ended without it.
  process.stdin.on('end', () => process.exit()).resume()
  const names: Names = new Map()
  const die = killer(deaths)
  const [broker, database] = [await openBroker(url), openDatabase(url, { name })]
  const opened = deadlyDatabase(database, names, die)
  await roles[name]({
    settings: readSettings({ CREDENTIAL_KEY: credentialKey }).settings,
    logger: pino({ level: 'warn' }, pino.destination(2)),
    metrics: createMetrics({ process: false }),
    withoutDatabase: false,
    broker: async () => deadlyBroker(broker, names, die),
    writeDatabase: async () => opened,
    readDatabase: async () => opened,
  })
}

const [, , url = '', name, deaths = '[]'] = process.argv
if (import.meta.main) await live(url, name as keyof typeof roles, JSON.parse(deaths) as string[])
