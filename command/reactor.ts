import type { Subscription } from '../shared/contracts/topology.ts'
import { deliveryMetrics } from '../shared/delivery/metrics.ts'
import type { Role, RoleContext, RoleName } from '../shared/runtime/role.ts'
import { startReactor } from '../uow/process-manager.ts'
import type { AnySaga } from '../uow/saga.ts'
import { inventoryReactor } from './inventory/index.ts'
import { ordersReactor } from './orders/index.ts'
import { paymentsReactor } from './payments/index.ts'
import { shippingReactor } from './shipping/index.ts'

/** The roles `reactor.<module>`: each carries its own module's part of an order on, and knows no other. */
const reactorRole =
  (name: RoleName & Subscription, reactor: AnySaga) =>
  async (context: RoleContext): Promise<Role> => {
    const [broker, database] = await Promise.all([context.broker(), context.writeDatabase()])
    const { logger } = context
    const metrics = deliveryMetrics(context.metrics.registry)
    const running = startReactor({ broker, database, logger, metrics, saga: reactor }, name)
    return { name, check: () => running.check(), stop: () => running.stop() }
  }

export const inventory = reactorRole('reactor.inventory', inventoryReactor())
export const payments = reactorRole('reactor.payments', paymentsReactor())
export const shipping = reactorRole('reactor.shipping', shippingReactor())
export const orders = reactorRole('reactor.orders', ordersReactor())
