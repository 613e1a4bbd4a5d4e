import { eventTopics, readers, subscriptions } from '../shared/contracts/topology.ts'
import { consumeBatches } from '../shared/delivery/batch-consumer.ts'
import { deliveryMetrics } from '../shared/delivery/metrics.ts'
import { startRelay } from '../shared/delivery/relay.ts'
import { required } from '../shared/runtime/settings.ts'
import type { Role, RoleContext } from '../shared/runtime/role.ts'
import { userVault } from '../shared/vault/user-keys.ts'
import { backlogReader, lagMeter } from './projection/lag.ts'
import { searchIndexerWork } from './products/search-indexer.work.ts'
import { projectorWork } from './projection/projector.work.ts'
import { allStreams } from './streams.ts'

/** Keeps every view up to date with the events' topics, and the search index with the products. */
export async function startProjector(context: RoleContext): Promise<Role> {
  const { settings, logger, metrics } = context
  const [broker, database, writeSide] = await Promise.all([
    context.broker(),
    context.readDatabase(),
    context.writeDatabase(),
  ])
  const vault = userVault(writeSide, required(settings, 'credentialKey'))
  const streams = allStreams(vault)
  const lag = lagMeter({
    modules: [...new Set(streams.map(({ module }) => module))],
    backlogOf: backlogReader(broker),
    registry: metrics.registry,
  })
  const consuming = { broker, database, logger, metrics: deliveryMetrics(metrics.registry) }
  const consumer = consumeBatches({
    ...consuming,
    subscription: subscriptions.projector,
    topics: eventTopics,
    work: projectorWork({ streams, onProjected: lag.projected }),
  })
  const indexer = consumeBatches({
    ...consuming,
    subscription: subscriptions.searchIndexer,
    topics: readers['search-indexer'],
    work: searchIndexerWork(),
  })
  // Dead letters leave through the outbox of the database they were parked in.
  const ownRelay = database.url === writeSide.url ? undefined : startRelay(consuming)
  return {
    name: 'projector',
    check: async () => (await Promise.all([consumer.check(), indexer.check(), lag.check()])).flat(),
    async stop() {
      await Promise.all([consumer.stop(), indexer.stop()])
      await ownRelay?.stop()
    },
  }
}
