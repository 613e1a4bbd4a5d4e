import { eventTopics, timersTopic } from '../shared/contracts/topology.ts'
import { deliveryMetrics } from '../shared/delivery/metrics.ts'
import { startRelay } from '../shared/delivery/relay.ts'
import type { Role, RoleContext } from '../shared/runtime/role.ts'

/** The role `relay`: publishes what the unit of work has left in the outbox. */
export const relay = async (context: RoleContext): Promise<Role> => {
  const [broker, database] = await Promise.all([context.broker(), context.writeDatabase()])
  const running = startRelay({
    broker,
    database,
    fenced: [...eventTopics, timersTopic],
    logger: context.logger,
    metrics: deliveryMetrics(context.metrics.registry),
  })
  return { name: 'relay', check: () => running.check(), stop: () => running.stop() }
}
