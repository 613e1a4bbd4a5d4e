import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { received, silent } from '../../tests/support/delivery-probe.ts'
import { testDatabase, type TestDatabase } from '../../tests/support/postgres.ts'
import { scriptedBroker, type ScriptedBroker } from '../../tests/support/scripted-broker.ts'
import { until } from '../../tests/support/until.ts'
import { openDatabase, type Database } from '../postgres/database.ts'
import { appendOutbox, outboxDepth, type OutboxEntry } from './outbox.ts'
import { startRelay, type Relay, type RelayOptions } from './relay.ts'

let home: TestDatabase
let database: Database
let broker: ScriptedBroker
let relays: Relay[]

beforeAll(async () => {
  home = await testDatabase(['delivery'])
  database = openDatabase(home.url, { name: 'test' })
})
afterAll(async () => {
  await database.close()
  await home.drop()
})
beforeEach(() => {
  broker = scriptedBroker()
  relays = []
})
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()))
})

const start = (options: Partial<RelayOptions> = {}) => {
  const relay = startRelay({ database, broker, logger: silent, ...options })
  relays.push(relay)
  return relay
}
const entry = (key: string, id: string): OutboxEntry => ({ topic: 't', message: received(key, id) })
const append = (entries: readonly OutboxEntry[]) =>
  database.transaction((transaction) => appendOutbox(transaction, entries))
const publishedIds = () => broker.published.map(({ properties }) => properties['ce_id'])

test('what was committed is published in the order given, and then gone', async () => {
  const relay = start()
  await append(Array.from({ length: 100 }, (_, n) => entry('a', `m${n}`)))
  relay.wake()
  await broker.publishedCount(100)
  expect(publishedIds()).toEqual(Array.from({ length: 100 }, (_, n) => `m${n}`))
  expect(broker.published[0]).toMatchObject({ topic: 't', key: 'a' })
  expect(new TextDecoder().decode(broker.published[0]?.payload)).toBe('{}')
  await until(async () => (await outboxDepth(database)) === 0)
})
