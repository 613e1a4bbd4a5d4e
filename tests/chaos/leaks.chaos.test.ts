import { afterAll, beforeAll, expect, test } from 'bun:test'
import { pino } from 'pino'
import postgres from 'postgres'
import { processContext } from '../../cli/process-context.ts'
import { roles as commandRoles } from '../../command/bootstrap.ts'
import { roles as queryRoles } from '../../query/bootstrap.ts'
import * as brokers from '../../cli/brokers.ts'
import { readSettings } from '../../shared/runtime/settings.ts'
import { createMetrics } from '../../shared/telemetry/metrics.ts'
import { rounds } from '../support/chaos-random.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
let sql: postgres.Sql
beforeAll(async () => {
  database = await testDatabase()
  sql = postgres(database.url, { max: 1, onnotice: () => {} })
}, 60_000)
afterAll(async () => {
  await sql.end()
  await database.drop()
})

const secret = Buffer.alloc(32, 1).toString('base64url')
const open = () =>
  processContext({
    settings: readSettings({ CREDENTIAL_KEY: secret, TICKET_SECRET: secret }, {}).settings,
    logger: pino({ level: 'silent' }),
    urls: { write: database.url, read: database.url },
    names: [],
    brokers,
  })

const cycle = async ({ context: shared }: ReturnType<typeof open>) => {
  // A role registers its metrics once in a process.
  const context = { ...shared, metrics: createMetrics({ process: false }) }
  const started = await Promise.all([
    commandRoles['command-worker'](context),
    commandRoles.relay(context),
    queryRoles.projector(context),
  ])
  await Promise.all(started.map((role) => role.stop()))
}

const census = async () => {
  const [row] = await sql<{ connections: number; consumers: number; inTransaction: number }[]>`
    SELECT count(*)::int AS connections,
      count(*) FILTER (WHERE state LIKE 'idle in transaction%')::int AS "inTransaction",
      (SELECT count(*)::int FROM broker.consumer) AS consumers
    FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'aeroalpes%'`
  return row!
}
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

test('roles that start and stop fifty times leave no consumer, no timer and no more connections than one start', async () => {
  const shared = open()
  for (let warm = 0; warm < 5; warm += 1) await cycle(shared)
  const before = { ...(await census()), timers: timers() }
  for (let round = 0; round < rounds(50); round += 1) await cycle(shared)
  const after = { ...(await census()), timers: timers() }
  console.log(before, after)
  expect(after.consumers).toBe(0)
  expect(after.inTransaction).toBe(0)
  expect(after.timers).toBeLessThanOrEqual(before.timers)
  // Pools open a connection when all are busy, so a few may still be to come; never one a cycle.
  expect(after.connections).toBeLessThanOrEqual(before.connections + 4)
  await shared.close()
  // The server ends a session a moment after its client has gone; `until` throws when it never does.
  await until(async () => (await census()).connections === 0)
}, 60_000)
