import { deliveryMetrics } from '../shared/delivery/metrics.ts'
import type { Role, RoleContext } from '../shared/runtime/role.ts'
import { required } from '../shared/runtime/settings.ts'
import { commandWorker as work } from '../uow/worker.ts'
import { writeModel } from './write-model.ts'

/** The role `command-worker`: carries out commands, in batches, inside the unit of work. */
export const commandWorker = async (context: RoleContext): Promise<Role> => {
  const [broker, database] = await Promise.all([context.broker(), context.writeDatabase()])
  const worker = work({
    broker,
    database,
    logger: context.logger,
    metrics: deliveryMetrics(context.metrics.registry),
    model: writeModel(required(context.settings, 'credentialKey')),
  })
  return { name: 'command-worker', check: () => worker.check(), stop: () => worker.stop() }
}
