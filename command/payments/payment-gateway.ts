import { readers, subscriptions } from '../../shared/contracts/topology.ts'
import {
  type BatchConsumer,
  consumeBatches,
  type ConsumerOptions,
} from '../../shared/delivery/batch-consumer.ts'
import { paymentCallsWork } from './payment-calls.work.ts'
import { type ProviderCallsOptions, startProviderCalls } from './provider-calls.ts'

export type PaymentGatewayOptions = Pick<ConsumerOptions, 'broker' | 'metrics' | 'patience'> & {
  readonly calls: ProviderCallsOptions
}

/**
 * Between the payments, which decide in transactions, and the provider, who is asked outside of any:
 * events that want something of the provider become rows, rows become calls, answers become commands.
 */
export const paymentGateway = ({ calls, ...consuming }: PaymentGatewayOptions): BatchConsumer => {
  const asking = startProviderCalls(calls)
  const consumer = consumeBatches({
    ...consuming,
    database: calls.database,
    logger: calls.logger,
    subscription: subscriptions.paymentGateway,
    topics: readers['payment-gateway'],
    work: paymentCallsWork(() => asking.wake()),
  })
  return {
    check: () => consumer.check(),
    async stop() {
      await consumer.stop()
      await asking.stop()
    },
  }
}
