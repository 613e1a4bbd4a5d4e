import { type Projection, projectionsOf } from '../query/projection/projections.ts'
import type { Topics } from '../query/rebuild/rebuild-from-topics.ts'
import { RebuildRefused } from '../query/rebuild/refused.ts'
import { allStreams } from '../query/streams.ts'
import type { Broker } from '../shared/messaging/port.ts'
import { openDatabase, type Queryable } from '../shared/postgres/database.ts'
import { databaseTrouble } from '../shared/postgres/errors.ts'
import { required, type Settings } from '../shared/runtime/settings.ts'
import { userVault } from '../shared/vault/user-keys.ts'
import { openDatabases, requireDatabases } from './databases.ts'
import { Exit } from './exit.ts'
import { explained } from './start-errors.ts'

type Places = Awaited<ReturnType<typeof placesOf>>

/**
 * Lets an operation use the broker and the views, and closes both. The write side is asked for the keys
 * of users alone, when there are any to open. Throws `Exit`.
 */
export async function onTopics(
  settings: Settings,
  home: string,
  work: (sources: Pick<Topics, 'broker' | 'read'>, all: readonly Projection[]) => Promise<void>,
): Promise<void> {
  const places = await placesOf(settings, home)
  // Indexes and comparisons of large tables take longer than anything that serves requests may.
  const read = openDatabase(places.read, { name: 'rebuild', statementTimeoutMs: 3_600_000 })
  const write = places.write ? openDatabase(places.write, { name: 'rebuild keys' }) : undefined
  const broker = await brokerOf(settings, places)
  try {
    const vault = userVault(keysIn(write), required(settings, 'credentialKey'))
    await reached(settings, broker)
    await work({ broker, read }, projectionsOf(allStreams(vault)))
  } catch (error) {
    if (error instanceof RebuildRefused) throw new Exit('refused', error.message)
    throw explained(error)
  } finally {
    await broker.close()
    await Promise.all([read.close(), write?.close()])
    await places.release()
  }
}

/** A read side with a Pulsar needs no write side, nor that it is there. */
async function placesOf(settings: Settings, home: string) {
  const { readDatabaseUrl: read, pulsarUrl, ...others } = settings
  if (read === undefined || pulsarUrl === undefined) {
    await requireDatabases(settings)
    return openDatabases(settings, home)
  }
  await requireDatabases({ ...others, pulsarUrl, readDatabaseUrl: read, databaseUrl: undefined })
  return { read, write: settings.databaseUrl, release: async () => {} }
}

/** The write side, as far as it is known and there. */
const keysIn = (write: Queryable | undefined): Queryable => ({
  async query(text, parameters) {
    if (!write) throw noKeys('it is not set')
    return write.query<never>(text, parameters).catch((error: Error) => {
      throw databaseTrouble(error) === 'away' ? noKeys(error.message) : error
    })
  },
})

const noKeys = (why: string) =>
  new Exit('failed', `the keys of users are in the database of DATABASE_URL (${why})`)

async function brokerOf(settings: Settings, { write }: Places): Promise<Broker> {
  if (settings.pulsarUrl === undefined) {
    const { openBroker } = await import('../shared/embedded/broker/broker.ts')
    return openBroker(write ?? '')
  }
  const { openPulsar } = await import('../shared/messaging/pulsar/open-pulsar.ts')
  // The official client cannot tell where a topic ends.
  return openPulsar({ ...settings, pulsarClient: 'native' })
}

async function reached({ pulsarUrl }: Settings, broker: Broker): Promise<void> {
  if (pulsarUrl === undefined) return
  await broker.check().catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Exit('failed', `cannot reach Pulsar (${why}); PULSAR_URL says where it is`)
  })
}
