import type { Broker } from '../shared/messaging/port.ts'
import { ensureTopology } from '../shared/messaging/topology.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import type { RoleContext } from '../shared/runtime/role.ts'
import type { Settings } from '../shared/runtime/settings.ts'
import type { Logger } from '../shared/telemetry/logger.ts'
import { createMetrics } from '../shared/telemetry/metrics.ts'
import type { DatabaseUrls } from './databases.ts'

export type OpenBroker = (databaseUrl: string) => Promise<Broker>

/** What the roles of this process share, and the end of it. */
export interface ProcessContext {
  readonly context: RoleContext
  /** Closes broker and databases, in that order. Call it after every role has stopped. */
  close(): Promise<void>
}

export interface Sharing {
  readonly settings: Settings
  readonly logger: Logger
  readonly urls: DatabaseUrls
  readonly openBroker: OpenBroker
}

/** Opens nothing until the first role asks for it. */
export function processContext({ settings, logger, urls, openBroker }: Sharing): ProcessContext {
  const broker = once(async () => {
    const opened = await openBroker(urls.write)
    await ensureTopology(opened, settings.topicPartitions)
    return opened
  })
  const write = once(async () => openDatabase(urls.write, { name: 'write', genericPlans: true }))
  // Its commits wait for the disk like any other: a projector outlives a crash of Postgres, and would
  // acknowledge what the crash has taken back.
  const read = once(async () => openDatabase(urls.read, { name: 'read' }))
  return {
    context: {
      settings,
      logger,
      metrics: createMetrics(),
      broker: broker.open,
      writeDatabase: write.open,
      readDatabase: read.open,
    },
    async close() {
      await broker.close()
      await Promise.all([write.close(), read.close()])
    },
  }
}

function once<Thing extends Broker | Database>(open: () => Promise<Thing>) {
  let opened: Promise<Thing> | undefined
  return {
    open: () => (opened ??= open()),
    // Whoever asked for it has met the error of the opening already.
    close: async () => (await opened?.catch(() => undefined))?.close(),
  }
}
