import type { Broker } from '../shared/messaging/port.ts'
import { required, type Settings } from '../shared/runtime/settings.ts'
import type { RoleName } from '../shared/runtime/role.ts'

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

export async function pulsar(settings: Settings): Promise<Broker> {
  const [{ pulsarBroker }, { schemaOf }] = await Promise.all([
    import('../shared/messaging/pulsar/pulsar-broker.ts'),
    import('../shared/schemas/topic-schema.ts'),
  ])
  return pulsarBroker({
    schemaOf,
    serviceUrl: required(settings, 'pulsarUrl'),
    tenant: settings.pulsarTenant,
    ...(settings.pulsarAdminUrl ? { adminUrl: settings.pulsarAdminUrl } : {}),
    ...(settings.pulsarToken ? { token: settings.pulsarToken } : {}),
  })
}

/** Makes sure that Pulsar has what these roles need. */
export async function readyTopology(settings: Settings, roles: readonly RoleName[]): Promise<void> {
  const { readyTopology: ready } = await import('./ready-topology.ts')
  await ready(settings, roles)
}
