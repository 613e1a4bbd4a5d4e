import type { Broker } from '../shared/messaging/port.ts'
import type { Database, DatabaseOptions } from '../shared/postgres/database.ts'
import type { RoleContext, RoleName } from '../shared/runtime/role.ts'
import type { Settings } from '../shared/runtime/settings.ts'
import type { Logger } from '../shared/telemetry/logger.ts'
import { createMetrics } from '../shared/telemetry/metrics.ts'
import type { DatabaseUrls } from './databases.ts'
import { Exit } from './exit.ts'
import { gatedBroker } from './gated-broker.ts'

/** How main.ts opens each kind of broker. */
export interface Brokers {
  embedded(databaseUrl: string, settings: Settings): Promise<Broker>
  pulsar(settings: Settings, logger: Logger): Promise<Broker>
  /** Makes sure that Pulsar has what these roles need. */
  readyTopology(settings: Settings, roles: readonly RoleName[], logger: Logger): Promise<void>
}

/** What the roles of this process share, and the end of it. */
export interface ProcessContext {
  readonly context: RoleContext
  /** Never resolves; rejects when the roles cannot go on with what the process has found. */
  readonly refused: Promise<never>
  /** Closes broker and databases, in that order. Call it after every role has stopped. */
  close(): Promise<void>
}

export interface Sharing {
  readonly settings: Settings
  readonly logger: Logger
  readonly names: readonly RoleName[]
  /** Absent in a process without a database. */
  readonly urls: DatabaseUrls | undefined
  readonly brokers: Brokers
}

/** Opens nothing until the first role asks for it. */
export function processContext(sharing: Sharing): ProcessContext {
  const { settings, logger, urls } = sharing
  const closing = new AbortController()
  const refused = Promise.withResolvers<never>()
  refused.promise.catch(() => undefined)
  const broker = once(() =>
    settings.pulsarUrl === undefined
      ? sharing.brokers.embedded(required(urls).write, settings)
      : pulsarBroker(sharing, closing.signal, refused.reject),
  )
  const write = once(() => openLazily(required(urls).write, { name: 'write', genericPlans: true }))
  // Its commits wait for the disk like any other: a projector outlives a crash of Postgres, and would
  // acknowledge what the crash has taken back.
  const read = once(() => openLazily(required(urls).read, { name: 'read' }))
  return {
    context: {
      settings,
      logger,
      metrics: createMetrics(),
      withoutDatabase: urls === undefined,
      broker: broker.open,
      writeDatabase: write.open,
      readDatabase: read.open,
    },
    refused: refused.promise,
    async close() {
      closing.abort()
      await broker.close()
      await Promise.all([write.close(), read.close()])
    },
  }
}

const pulsarBroker = async (
  { settings, logger, names, brokers }: Sharing,
  signal: AbortSignal,
  refuse: (error: unknown) => void,
): Promise<Broker> => {
  const pulsar = await brokers.pulsar(settings, logger)
  const gated = gatedBroker(pulsar, {
    place: `Pulsar at ${settings.pulsarUrl}`,
    prepare: async () => {
      await Promise.all([brokers.readyTopology(settings, names, logger), pulsar.check()])
    },
    logger,
    signal,
  })
  gated.refused.catch(refuse)
  try {
    await gated.firstTry
  } catch (error) {
    await pulsar.close()
    throw error
  }
  return gated.broker
}

const openLazily = async (url: string, options: DatabaseOptions): Promise<Database> =>
  (await import('../shared/postgres/database.ts')).openDatabase(url, options)

const required = (urls: DatabaseUrls | undefined): DatabaseUrls => {
  if (urls) return urls
  throw new Exit('failed', 'this process was started without a database, and a role asks for one')
}

function once<Thing extends Broker | Database>(open: () => Promise<Thing>) {
  let opened: Promise<Thing> | undefined
  return {
    open: () => (opened ??= open()),
    // Whoever asked for it has met the error of the opening already.
    close: async () => (await opened?.catch(() => undefined))?.close(),
  }
}
