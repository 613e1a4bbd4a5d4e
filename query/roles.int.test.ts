import { afterAll, beforeAll, expect, test } from 'bun:test'
import { deadLetterTopic, subscriptions } from '../shared/contracts/topology.ts'
import { openBroker } from '../shared/embedded/broker/broker.ts'
import { newId } from '../shared/kernel/ids.ts'
import { type Envelope, toMessage } from '../shared/messaging/envelope.ts'
import type { Broker } from '../shared/messaging/port.ts'
import { ensureTopology } from '../shared/messaging/topology.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { readSets, writeSets } from '../shared/postgres/migrate.ts'
import type { Role, RoleContext } from '../shared/runtime/role.ts'
import { PortTaken } from '../shared/runtime/serve.ts'
import { readSettings } from '../shared/runtime/settings.ts'
import { createLogger } from '../shared/telemetry/logger.ts'
import { createMetrics } from '../shared/telemetry/metrics.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import {
  created,
  credentialKey,
  keepKey,
  person,
  registered,
  reservationHistory,
} from '../tests/support/recorded-events.ts'
import { roles } from './bootstrap.ts'

let homes: TestDatabase[]
let databases: { write: Database; read: Database }
let broker: Broker
let context: RoleContext
let running: Role[]
let api: string

beforeAll(async () => {
  const [write, read] = [await testDatabase(writeSets), await testDatabase(readSets)]
  homes = [write, read]
  databases = {
    write: openDatabase(write.url, { name: 'write' }),
    read: openDatabase(read.url, { name: 'read' }),
  }
  broker = await openBroker(write.url)
  await ensureTopology(broker, 2)
  context = {
    settings: readSettings({
      QUERY_PORT: '0',
      CREDENTIAL_KEY: credentialKey,
      TICKET_SECRET: 'a ticket secret for tests only, long enough',
    }).settings,
    logger: createLogger({ level: 'silent', name: 'test' }),
    metrics: createMetrics({ process: false }),
    withoutDatabase: false,
    broker: async () => broker,
    writeDatabase: async () => databases.write,
    readDatabase: async () => databases.read,
  }
  running = await Promise.all([
    roles.projector(context),
    roles.notifier(context),
    roles['query-api'](context),
  ])
  api = running.find(({ name }) => name === 'query-api')?.urls?.['query'] ?? ''
}, 60_000)
afterAll(async () => {
  await Promise.all(running.map((role) => role.stop()))
  await broker.close()
  await Promise.all([databases.write.close(), databases.read.close()])
  await Promise.all(homes.map((home) => home.drop()))
})

const publish = async (...envelopes: readonly Envelope[]) => {
  const publisher = broker.publisher()
  for (const envelope of envelopes) {
    const [, module] = envelope.type.split('.')
    await publisher.publish(`persistent://aeroalpes/events/${module}`, toMessage(envelope))
  }
}

test('what is published can be read, the read side having a database of its own', async () => {
  const [id, ana] = [newId(), person()]
  await keepKey(databases.write, ana)
  await publish(...reservationHistory(id), registered(ana))
  const reservation = await fetch(`${api}/reservations/${id}?min_version=4`)
  expect(await reservation.json()).toMatchObject({ id, status: 'CANCELLED', version: 4 })
  const user = await fetch(`${api}/users/${ana.id}?min_version=1`)
  expect(await user.json()).toMatchObject({ id: ana.id, email: ana.email })
})

test('an event that no view can read ends in the dead letters of the projector', async () => {
  const id = newId()
  const reader = await broker.subscribe({
    topics: [deadLetterTopic(subscriptions.projector)],
    subscription: 'test',
    type: 'Exclusive',
  })
  await publish({ ...created(id), data: { surprise: true } })
  const [letter] = await reader.receive(1, AbortSignal.timeout(10_000))
  expect(letter).toMatchObject({ key: id })
  await reader.close()
})

test('every role says that it is well', async () => {
  const checks = (await Promise.all(running.map((role) => role.check()))).flat()
  expect(checks.length).toBeGreaterThan(5)
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
  expect((await fetch(`${api}/readyz`)).status).toBe(200)
})

test('a port that is taken is said', async () => {
  const QUERY_PORT = new URL(api).port
  const settings = { ...context.settings, queryPort: Number(QUERY_PORT) }
  const refused = await roles['query-api']({ ...context, settings }).catch(
    (error: unknown) => error,
  )
  expect(refused).toBeInstanceOf(PortTaken)
})
