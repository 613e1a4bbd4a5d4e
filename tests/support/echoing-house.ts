import pino from 'pino'
import { roles as commandRoles } from '../../command/bootstrap.ts'
import { roles as queryRoles } from '../../query/bootstrap.ts'
import { type FulfilmentStyle, readersIn } from '../../shared/contracts/topology.ts'
import { openBroker } from '../../shared/embedded/broker/broker.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import { ensureTopology } from '../../shared/messaging/topology.ts'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import type { Role } from '../../shared/runtime/role.ts'
import { readSettings } from '../../shared/runtime/settings.ts'
import { createMetrics } from '../../shared/telemetry/metrics.ts'
import { echoingBroker, type Heard } from './echoing-broker.ts'
import { testDatabase } from './postgres.ts'

export const houseSecret = Buffer.alloc(32, 7).toString('base64url')

const carriers = {
  orchestration: ['process-manager'],
  choreography: ['reactor.inventory', 'reactor.payments', 'reactor.shipping', 'reactor.orders'],
} as const

export interface EchoingHouse {
  readonly url: string
  readonly database: Database
  heardBy(subscription: string): Heard
  /** How many different messages a subscription has marked as seen: those that do not concern it are not. */
  seenBy(subscription: string): Promise<number>
  /** How many messages a subscription says have taken effect. */
  effectsOf(subscription: string): Promise<number | undefined>
  /** Whether nothing waits to be read or published. */
  isAtRest(): Promise<boolean>
  close(): Promise<void>
}

/** The whole system in this process, on a database of its own and a broker that repeats everything. */
export const echoingHouse = async (style: FulfilmentStyle): Promise<EchoingHouse> => {
  const home = await testDatabase()
  const database = openDatabase(home.url, { name: 'test', max: 20 })
  const real = await openBroker(home.url)
  await ensureTopology(real, 4, style)
  const isShuffled = (name: string) => ['projector', 'search-indexer'].includes(name)
  const { broker, heard } = echoingBroker(real, isShuffled)
  const metrics = createMetrics({ process: false })
  const roles = await startRoles(style, database, broker, metrics)
  return {
    database,
    url: roles.at(-1)?.urls?.['command'] ?? '',
    heardBy(subscription) {
      const found = heard.get(subscription)
      if (!found) throw new Error(`nobody has subscribed as ${subscription}`)
      return found
    },
    async seenBy(subscription) {
      const seen = 'SELECT FROM delivery.inbox WHERE subscription = $1'
      return (await database.query(seen, [subscription])).length
    },
    async effectsOf(subscription) {
      const counter = await metrics.registry.getSingleMetric('aero_delivery_messages_total')?.get()
      return counter?.values.find(({ labels }) => labels['subscription'] === subscription)?.value
    },
    async isAtRest() {
      const waiting = await database.query('SELECT FROM delivery.outbox LIMIT 1')
      return waiting.length === 0 && (await isAllRead(real, style))
    },
    async close() {
      await Promise.all(roles.map((role) => role.stop()))
      await broker.close()
      await database.close()
      await home.drop()
    },
  }
}

const startRoles = async (
  style: FulfilmentStyle,
  database: Database,
  broker: Broker,
  metrics: ReturnType<typeof createMetrics>,
): Promise<readonly Role[]> => {
  const secrets = {
    TICKET_SECRET: houseSecret,
    CREDENTIAL_KEY: houseSecret,
    JWT_SECRET: houseSecret,
  }
  const environment = { COMMAND_PORT: '0', ORDER_FULFILMENT: style, ...secrets }
  const context = {
    settings: readSettings(environment).settings,
    metrics,
    logger: pino({ level: 'silent' }),
    withoutDatabase: false,
    broker: async () => broker,
    writeDatabase: async () => database,
    readDatabase: async () => database,
  }
  const table = { ...commandRoles, ...queryRoles }
  const behind = ['relay', 'command-worker', ...carriers[style], 'projector', 'notifier'] as const
  const roles: Role[] = []
  for (const name of [...behind, 'command-api'] as const) roles.push(await table[name](context))
  return roles
}

const isAllRead = async (broker: Broker, style: FulfilmentStyle) => {
  for (const [name, topics] of Object.entries(readersIn(style)))
    for (const topic of topics) {
      const { subscriptions } = await broker.stats(topic)
      if (subscriptions.some((one) => one.name === name && one.backlog > 0)) return false
    }
  return true
}
