import { readers, type Subscription, subscriptions } from '../shared/contracts/topology.ts'
import {
  type BatchConsumer,
  consumeBatches,
  type ConsumerOptions,
} from '../shared/delivery/batch-consumer.ts'
import { outboxSignal } from '../shared/delivery/outbox-signal.ts'
import type { AnySaga } from './saga.ts'
import type { SagaTable } from './saga-rows.ts'
import { sagaWork } from './saga-work.ts'
import { pollTimers, type TimerPollerOptions } from './timer-poller.ts'

export interface ProcessManagerOptions
  extends
    Pick<
      ConsumerOptions,
      'broker' | 'database' | 'logger' | 'metrics' | 'patience' | 'batchSize' | 'lanePollMs'
    >,
    Pick<TimerPollerOptions, 'pollMs'> {
  readonly saga: AnySaga
  readonly clock?: () => Date
}

/**
 * Lets a saga react to its events, each once, in the order of its key, and fires timers as they become
 * due. Any number of processes share the work. Starts at once; `stop` finishes what runs.
 */
export const startProcessManager = (options: ProcessManagerOptions): BatchConsumer =>
  startListening(options, { subscription: subscriptions.processManager, table: 'saga' })

/** The same for one service's part where nobody coordinates: it is no saga that anybody could list. */
export const startReactor = (
  options: ProcessManagerOptions,
  subscription: Subscription,
): BatchConsumer => startListening(options, { subscription, table: 'reactor' })

interface Listening {
  readonly subscription: Subscription
  readonly table: SagaTable
}

const startListening = (
  options: ProcessManagerOptions,
  { subscription, table }: Listening,
): BatchConsumer => {
  const { saga, clock = () => new Date(), pollMs, ...consuming } = options
  const { database, logger } = options
  const committed = outboxSignal(database, logger)
  const timers = pollTimers({
    database,
    logger,
    committed,
    ...(pollMs === undefined ? {} : { pollMs }),
  })
  const consumer = consumeBatches({
    ...consuming,
    subscription,
    topics: readers[subscription],
    work: sagaWork({ saga, table, clock, committed }),
  })
  return {
    check: async () => (await Promise.all([consumer.check(), timers.check()])).flat(),
    async stop() {
      await Promise.all([consumer.stop(), timers.stop()])
    },
  }
}
