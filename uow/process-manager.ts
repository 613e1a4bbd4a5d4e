import { readers, type Subscription, subscriptions } from '../shared/contracts/topology.ts'
import {
  type BatchConsumer,
  consumeBatches,
  type ConsumerOptions,
} from '../shared/delivery/batch-consumer.ts'
import { outboxSignal } from '../shared/delivery/outbox-signal.ts'
import { type Calm, calmAfterStart, type CalmOptions } from './calm.ts'
import type { AnySaga } from './saga.ts'
import { purgeSagas } from './saga-purge.ts'
import { keepingOf, type SagaTable } from './saga-rows.ts'
import { sagaWork } from './saga-work.ts'
import { pollTimers, type TimerPollerOptions } from './timer-poller.ts'
import { purgeTimers } from './timers.ts'

export interface ProcessManagerOptions
  extends
    Pick<
      ConsumerOptions,
      'broker' | 'database' | 'logger' | 'metrics' | 'patience' | 'batchSize' | 'lanePollMs'
    >,
    Pick<TimerPollerOptions, 'pollMs' | 'purgeMs'> {
  readonly saga: AnySaga
  readonly clock?: () => Date
  readonly calm?: CalmOptions
}

/**
 * Lets a saga react to its events, each once, in the order of its key, and fires timers as they become
 * due. Any number of processes share the work. Starts at once; `stop` finishes what runs. After the start
 * and after an outage timers wait until messages have come: the answer to what they are about may be
 * among them.
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
  const { saga, clock = () => new Date(), pollMs, purgeMs, ...consuming } = options
  const { database, logger } = options
  const signal = outboxSignal(database, logger)
  const calm = calmAfterStart(options.calm)
  const committed = () => {
    calm.heard()
    signal()
  }
  const work = sagaWork({ saga, table, clock, committed })
  const concerns = (type: string) => {
    // What is passed over has come, too.
    calm.heard()
    return work.concerns?.(type) ?? true
  }
  const consumer = consumeBatches({
    ...consuming,
    subscription,
    topics: readers[subscription],
    work: { ...work, concerns },
  })
  const timers = pollTimers({
    database,
    logger,
    committed: signal,
    saga: saga.name,
    calm: calmOf(consumer, subscription, calm),
    purge: async (on) => (await purgeTimers(on)) || purgeSagas(on, keepingOf(saga, table)),
    ...(pollMs === undefined ? {} : { pollMs }),
    ...(purgeMs === undefined ? {} : { purgeMs }),
  })
  return {
    check: async () => (await Promise.all([consumer.check(), timers.check()])).flat(),
    async stop() {
      await Promise.all([consumer.stop(), timers.stop()])
    },
  }
}

/** A broker that is away shakes the calm, too. */
const calmOf = (consumer: BatchConsumer, subscription: Subscription, calm: Calm) => ({
  shaken: calm.shaken,
  async reached() {
    const checks = await consumer.check()
    if (checks.some(({ name, ok }) => !ok && name === `${subscription} broker`)) calm.shaken()
    return calm.reached()
  },
})
