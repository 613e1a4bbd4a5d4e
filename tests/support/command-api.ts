import { pino } from 'pino'
import { roles } from '../../command/bootstrap.ts'
import { type CommandName, commands } from '../../shared/contracts/topology.ts'
import { openBroker } from '../../shared/embedded/broker/broker.ts'
import { type Envelope, fromMessage } from '../../shared/messaging/envelope.ts'
import type { Broker } from '../../shared/messaging/port.ts'
import { openDatabase } from '../../shared/postgres/database.ts'
import type { RoleContext } from '../../shared/runtime/role.ts'
import { readSettings } from '../../shared/runtime/settings.ts'
import { createMetrics } from '../../shared/telemetry/metrics.ts'

const secret = (name: string) => Buffer.from(name.padEnd(32, '.')).toString('base64url')
const environment = {
  COMMAND_PORT: '0',
  TICKET_SECRET: secret('ticket'),
  CREDENTIAL_KEY: secret('credential'),
  JWT_SECRET: secret('jwt'),
}

export interface ApiOptions {
  readonly databaseUrl: string
  /** Default: the broker in the database. Closed with the API. */
  readonly broker?: Broker
  /** Default: any free one. */
  readonly port?: number
}

/** A process of its own in all but the process: broker, database and port are not shared. */
export const startApi = async (options: ApiOptions) => {
  const database = openDatabase(options.databaseUrl, { name: 'command-api' })
  const broker = options.broker ?? (await openBroker(options.databaseUrl))
  const env = { ...environment, COMMAND_PORT: String(options.port ?? 0) }
  const context: RoleContext = {
    settings: readSettings(env, {}).settings,
    logger: pino({ level: 'silent' }),
    metrics: createMetrics({ process: false }),
    withoutDatabase: false,
    broker: async () => broker,
    writeDatabase: async () => database,
    readDatabase: async () => database,
  }
  const closeAll = async () => {
    await broker.close()
    await database.close()
  }
  const role = await roles['command-api'](context).catch(async (error: unknown) => {
    await closeAll()
    throw error
  })
  const url = role.urls?.command ?? ''
  const end = async () => {
    await role.stop()
    await closeAll()
  }
  return { role, url, end, readyz: async () => (await fetch(`${url}/readyz`)).status }
}

/** Everything on the topic of a command, from its beginning. */
export const storedCommands = async (
  databaseUrl: string,
  name: CommandName,
  atLeast: number,
): Promise<readonly Envelope[]> => {
  const broker = await openBroker(databaseUrl)
  const consumer = await broker.subscribe({
    topics: [commands[name].topic],
    subscription: `test.${crypto.randomUUID()}`,
    type: 'Exclusive',
    durable: false,
  })
  const found = []
  while (found.length < atLeast) found.push(...(await consumer.receive(1000)))
  await consumer.close()
  await broker.close()
  return found.map(fromMessage)
}
