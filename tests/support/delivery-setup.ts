import { afterAll, afterEach, beforeAll, beforeEach } from 'bun:test'
import {
  type BatchConsumer,
  consumeBatches,
  type ConsumerOptions,
} from '../../shared/delivery/batch-consumer.ts'
import { type Relay, type RelayOptions, startRelay } from '../../shared/delivery/relay.ts'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import { createEffects, lockingWork, silent } from './delivery-probe.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'
import { type ScriptedBroker, scriptedBroker } from './scripted-broker.ts'

export interface DeliverySetup {
  readonly url: string
  readonly database: Database
  readonly broker: ScriptedBroker
  consume(options?: Partial<ConsumerOptions>): BatchConsumer
  relay(options?: Partial<RelayOptions>): Relay
  count(table: string): Promise<number>
}

const tables =
  'effect, target, delivery.inbox, delivery.lane, delivery.lane_message, delivery.attempt, delivery.in_flight, delivery.outbox'

/** A database of the file's own, emptied before each test, and a scripted broker for each. */
export const deliverySetup = (): DeliverySetup => {
  let home: TestDatabase
  let database: Database
  let broker: ScriptedBroker
  let running: { stop(): Promise<void> }[] = []

  beforeAll(async () => {
    home = await testDatabase(['delivery'])
    database = openDatabase(home.url, { name: 'test', max: 10, lockTimeoutMs: 200 })
    await createEffects(database)
  }, 60_000)
  afterAll(async () => {
    await database.close()
    await home.drop()
  }, 60_000)
  beforeEach(async () => {
    broker = scriptedBroker()
    await database.query(`TRUNCATE ${tables}`)
  })
  afterEach(async () => {
    await Promise.all(running.map((role) => role.stop()))
    running = []
  })

  return {
    get url() {
      return home.url
    },
    get database() {
      return database
    },
    get broker() {
      return broker
    },
    consume(options = {}) {
      const consumer = consumeBatches({
        broker,
        database,
        subscription: 'test',
        topics: ['topic'],
        work: lockingWork(),
        logger: silent,
        lanePollMs: 20,
        ...options,
        patience: { retryPauseMs: 1, laneRetryMs: 10, lockWaitMs: 200, ...options.patience },
      })
      running.push(consumer)
      return consumer
    },
    relay(options = {}) {
      const relay = startRelay({ database, broker, logger: silent, pollMs: 20, ...options })
      running.push(relay)
      return relay
    },
    async count(table) {
      const [row] = await database.query<{ rows: number }>(
        `SELECT count(*)::int AS rows FROM ${table}`,
      )
      return row?.rows ?? 0
    },
  }
}

export const idsOf = (messages: readonly { readonly id: string }[]): string[] =>
  messages.map(({ id }) => id)
