import { deliveryMetrics } from '../shared/delivery/metrics.ts'
import type { Role, RoleContext } from '../shared/runtime/role.ts'
import { required } from '../shared/runtime/settings.ts'
import { commandWorker as work } from '../uow/worker.ts'
import { paymentGateway } from './payments/payment-gateway.ts'
import { sandboxProvider } from './payments/sandbox.ts'
import { writeModel } from './write-model.ts'

/**
 * The role `command-worker`: carries out commands, in batches, inside the unit of work; and asks the
 * payment provider what they cannot ask in there.
 */
export const commandWorker = async (context: RoleContext): Promise<Role> => {
  const [broker, database] = await Promise.all([context.broker(), context.writeDatabase()])
  const { logger } = context
  const metrics = deliveryMetrics(context.metrics.registry)
  const model = writeModel(required(context.settings, 'credentialKey'))
  const worker = work({ broker, database, logger, metrics, model })
  const payments = paymentGateway({
    broker,
    metrics,
    calls: { database, logger, provider: sandboxProvider(database) },
  })
  return {
    name: 'command-worker',
    check: async () => (await Promise.all([worker.check(), payments.check()])).flat(),
    async stop() {
      await Promise.all([worker.stop(), payments.stop()])
    },
  }
}
