import type { Broker } from '../shared/messaging/port.ts'
import type { Settings } from '../shared/runtime/settings.ts'
import type { RoleName } from '../shared/runtime/role.ts'
import type { Logger } from '../shared/telemetry/logger.ts'

// Each is loaded only where it is used: neither needs what the other is made of.

export async function embedded(
  databaseUrl: string,
  { topicPartitions, orderFulfilment }: Settings,
): Promise<Broker> {
  const [{ openBroker }, { ensureTopology }] = await Promise.all([
    import('../shared/embedded/broker/broker.ts'),
    import('../shared/messaging/topology.ts'),
  ])
  const broker = await openBroker(databaseUrl)
  await ensureTopology(broker, topicPartitions, orderFulfilment)
  return broker
}

export async function pulsar(settings: Settings, logger: Logger): Promise<Broker> {
  const [{ openPulsar }, { schemaOf }] = await Promise.all([
    import('../shared/messaging/pulsar/open-pulsar.ts'),
    import('../shared/schemas/topic-schema.ts'),
  ])
  return openPulsar(settings, { schemaOf, logger })
}

/** Makes sure that Pulsar has what these roles need. */
export async function readyTopology(
  settings: Settings,
  roles: readonly RoleName[],
  logger: Logger,
): Promise<void> {
  const { readyTopology: ready } = await import('./ready-topology.ts')
  await ready(settings, roles, logger)
}
