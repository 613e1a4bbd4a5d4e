import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { PaymentMethod } from '../../shared/contracts/orders.ts'
import { commands } from '../../shared/contracts/topology.ts'
import { openBroker } from '../../shared/embedded/broker/broker.ts'
import { newId } from '../../shared/kernel/ids.ts'
import { toMessage } from '../../shared/messaging/envelope.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import { ensureTopology } from '../../shared/messaging/topology.ts'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import { writeSets } from '../../shared/postgres/migrate.ts'
import type { Role, RoleContext } from '../../shared/runtime/role.ts'
import { readSettings } from '../../shared/runtime/settings.ts'
import { createMetrics } from '../../shared/telemetry/metrics.ts'
import { silent } from '../../tests/support/delivery-probe.ts'
import { type TestDatabase, testDatabase } from '../../tests/support/postgres.ts'
import { credentialKey } from '../../tests/support/recorded-events.ts'
import { until } from '../../tests/support/until.ts'
import { commandOf } from '../../tests/support/write-side.ts'
import { roles } from '../bootstrap.ts'

let home: TestDatabase
let database: Database
let broker: Broker
let running: readonly Role[]

beforeAll(async () => {
  home = await testDatabase(writeSets)
  database = openDatabase(home.url, { name: 'write' })
  broker = await openBroker(home.url)
  await ensureTopology(broker, 2)
  const context: RoleContext = {
    settings: readSettings({ CREDENTIAL_KEY: credentialKey }).settings,
    logger: silent,
    metrics: createMetrics({ process: false }),
    withoutDatabase: false,
    broker: async () => broker,
    writeDatabase: async () => database,
    readDatabase: async () => database,
  }
  running = await Promise.all([roles['command-worker'](context), roles.relay(context)])
}, 60_000)
afterAll(async () => {
  await Promise.all(running.map((role) => role.stop()))
  await broker.close()
  await database.close()
  await home.drop()
})

const charge = async (payment_method: PaymentMethod) => {
  const order_id = newId()
  const data = { order_id, payment_key: order_id, amount: 42.5, currency: 'EUR', payment_method }
  const message = toMessage(commandOf('ChargePayment', order_id, data))
  // As a broker may: once more.
  for (let time = 0; time < 2; time++)
    await broker.publisher().publish(commands.ChargePayment.topic, message)
  return order_id
}
const statusOf = async (order: string) => {
  const found = 'SELECT status FROM write.payments WHERE id = $1::uuid'
  const [row] = await database.query<{ status: string }>(found, [order])
  return row?.status
}

test('a charge goes through the broker to the provider and back, as the roles are wired', async () => {
  const [good, declined] = [await charge('card-ok'), await charge('card-declined')]
  await until(async () => (await statusOf(good)) === 'PROCESSED')
  await until(async () => (await statusOf(declined)) === 'FAILED')
  const outcomes = await database.query<{ status: string; attempts: number }>(
    `SELECT status, attempts FROM uow.receipt WHERE type = $1`,
    [commands.RecordPaymentOutcome.type],
  )
  expect(outcomes).toEqual([
    { status: 'completed', attempts: 1 },
    { status: 'completed', attempts: 1 },
  ])
})

test('the role says that its payment gateway is well', async () => {
  const checks = await Promise.all(running.map((role) => role.check()))
  expect(checks.flat().every(({ ok }) => ok)).toBe(true)
})
