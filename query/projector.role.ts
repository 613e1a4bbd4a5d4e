import { eventTopics, subscriptions } from '../shared/contracts/topology.ts'
import { consumeBatches } from '../shared/delivery/batch-consumer.ts'
import { deliveryMetrics } from '../shared/delivery/metrics.ts'
import { startRelay } from '../shared/delivery/relay.ts'
import { required } from '../shared/runtime/settings.ts'
import type { Role, RoleContext } from '../shared/runtime/role.ts'
import { userVault } from '../shared/vault/user-keys.ts'
import { backlogReader, lagMeter } from './projection/lag.ts'
import { projectorWork } from './projection/projector.work.ts'
import { allStreams } from './streams.ts'

/** Keeps every view up to date with the events' topics. */
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
  const consumer = consumeBatches({
    broker,
    database,
    logger,
    metrics: deliveryMetrics(metrics.registry),
    subscription: subscriptions.projector,
    topics: eventTopics,
    work: projectorWork({ streams, onProjected: lag.projected }),
  })
  // Dead letters leave through the outbox of the database they were parked in.
  const ownRelay =
    database.url === writeSide.url
      ? undefined
      : startRelay({ broker, database, logger, metrics: deliveryMetrics(metrics.registry) })
  return {
    name: 'projector',
    check: async () => (await Promise.all([consumer.check(), lag.check()])).flat(),
    async stop() {
      await consumer.stop()
      await ownRelay?.stop()
    },
  }
}
