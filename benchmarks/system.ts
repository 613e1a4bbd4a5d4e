import type postgres from 'postgres'
import { pulsarAdmin } from '../shared/pulsar/admin/admin.ts'
import { deleteTenant, ownTenant } from '../tests/support/own-tenant.ts'
import { type Environment, start, temporaryHome } from '../tests/support/system.ts'

/** A system started for the bench alone: its own home, its own ports, one process for all roles. */
export interface SystemUnderTest {
  readonly home: string
  readonly commandUrl: string
  readonly queryUrl: string
  readonly pid: number
  readonly postgresPid: number
  readonly sql: postgres.Sql
  stop(): Promise<void>
}

/** On the embedded broker, or on the Pulsar of PULSAR_URL in a tenant of its own. */
export const startSystem = async (): Promise<SystemUnderTest> => {
  const home = temporaryHome()
  const broker = brokerOf(process.env)
  console.log(`broker: ${broker.name}`)
  const until = ['commandUrl', 'queryUrl'] as const
  const running = await start(['up'], { home: home.folder, env: broker.environment, until })
  const database = await home.database()
  return {
    home: home.folder,
    commandUrl: running.commandUrl,
    queryUrl: running.queryUrl,
    pid: running.pid,
    postgresPid: database.pid,
    sql: database.sql,
    async stop() {
      await running.stop()
      await database.close()
      await broker.discard()
      home.remove()
    },
  }
}

interface BenchBroker {
  readonly name: string
  readonly environment: Environment
  discard(): Promise<void>
}

const brokerOf = ({
  PULSAR_URL: url,
  PULSAR_ADMIN_URL: adminUrl,
}: NodeJS.ProcessEnv): BenchBroker => {
  if (!url) return { name: 'embedded', environment: {}, discard: async () => {} }
  if (!adminUrl) throw new Error('PULSAR_URL is set, so set PULSAR_ADMIN_URL as well')
  const tenant = ownTenant()
  return {
    name: `Pulsar at ${url}`,
    environment: { PULSAR_URL: url, PULSAR_ADMIN_URL: adminUrl, PULSAR_TENANT: tenant },
    discard: () => deleteTenant(pulsarAdmin({ url: adminUrl }), tenant),
  }
}
