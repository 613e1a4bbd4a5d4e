import { eventTopics, readers, subscriptions } from '../shared/contracts/topology.ts'
import { consumeBatches } from '../shared/delivery/batch-consumer.ts'
import { deliveryMetrics } from '../shared/delivery/metrics.ts'
import { startRelay } from '../shared/delivery/relay.ts'
import { required } from '../shared/runtime/settings.ts'
import type { Role, RoleContext } from '../shared/runtime/role.ts'
import { userVault } from '../shared/vault/user-keys.ts'
import { checkpointMeter } from './projection/checkpoints.ts'
import { backlogReader, lagMeter } from './projection/lag.ts'
import { projectionsOf } from './projection/projections.ts'
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
  const { registry } = metrics
  const backlogOf = backlogReader(broker)
  const modules = [...new Set(streams.map(({ module }) => module))]
  const lag = lagMeter({ modules, backlogOf, registry })
  const checkpoints = checkpointMeter({ projections: projectionsOf(streams), backlogOf, registry })
  const consuming = { broker, database, logger, metrics: deliveryMetrics(registry) }
  const consumer = consumeBatches({
    ...consuming,
    subscription: subscriptions.projector,
    topics: eventTopics,
    work: projectorWork({
      streams,
      onProjected(events) {
        lag.projected(events)
        checkpoints.projected(events)
      },
    }),
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
