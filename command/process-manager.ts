import { deliveryMetrics } from '../shared/delivery/metrics.ts'
import type { Role, RoleContext } from '../shared/runtime/role.ts'
import { startProcessManager } from '../uow/process-manager.ts'
import { orderFulfilment } from './sagas/order-fulfilment.saga.ts'

/** The role `process-manager`: carries orders through, and fires timers. */
export const processManager = async (context: RoleContext): Promise<Role> => {
  const [broker, database] = await Promise.all([context.broker(), context.writeDatabase()])
  const running = startProcessManager({
    broker,
    database,
    logger: context.logger,
    metrics: deliveryMetrics(context.metrics.registry),
    saga: orderFulfilment(),
  })
  return { name: 'process-manager', check: () => running.check(), stop: () => running.stop() }
}
