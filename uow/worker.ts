import { commandTopics, subscriptions } from '../shared/contracts/topology.ts'
import {
  type BatchConsumer,
  consumeBatches,
  type ConsumerOptions,
} from '../shared/delivery/batch-consumer.ts'
import { outboxSignal } from '../shared/delivery/outbox-signal.ts'
import { retentionMs } from '../shared/delivery/retention.ts'
import { commandWork } from './command-work.ts'
import type { WriteModel } from './handler.ts'
import { receiptHousekeeping } from './receipt-housekeeping.ts'
import { unitOfWork } from './unit-of-work.ts'

export interface CommandWorkerOptions extends Pick<
  ConsumerOptions,
  'broker' | 'database' | 'logger' | 'metrics' | 'patience' | 'batchSize'
> {
  readonly model: WriteModel
  readonly clock?: () => Date
}

/**
 * Consumes the commands' topics: every command takes effect once, in the order of its key, and ends
 * with a receipt. Starts at once; `stop` finishes and acknowledges what runs.
 */
export const commandWorker = (options: CommandWorkerOptions): BatchConsumer => {
  const { model, clock = () => new Date(), ...consuming } = options
  const work = commandWork({
    unitOfWork: unitOfWork(model),
    logger: options.logger,
    clock,
    committed: outboxSignal(options.database, options.logger),
  })
  const consumer = consumeBatches({
    ...consuming,
    subscription: subscriptions.worker,
    topics: commandTopics,
    work,
    // A command waits no longer than its repeats are remembered: older ones go to the dead letters.
    maxAgeMs: retentionMs,
  })
  const housekeeping = receiptHousekeeping(options.database, options.logger, clock)
  return {
    check: () => consumer.check(),
    async stop() {
      await Promise.all([consumer.stop(), housekeeping.stop()])
    },
  }
}
