import { Transient } from '../kernel/fates.ts'
import type { Broker, Consumer, ReceivedMessage } from '../messaging/port.ts'
import type { Acknowledger } from './acknowledger.ts'
import { endedByWaiting, type Outage } from './outage.ts'

/** The messages of a subscription, through whatever happens to the broker. */
export interface MessageSource {
  /** Gives batch after batch to `take`, each after the last is done, until the signal aborts. */
  each(take: (messages: readonly ReceivedMessage[]) => Promise<void>): Promise<void>
  acknowledge(acks: Acknowledger, messages: readonly ReceivedMessage[]): void
  close(): Promise<void>
}

export interface SourceOptions {
  readonly broker: Pick<Broker, 'subscribe'>
  readonly subscription: string
  readonly topics: readonly string[]
  readonly batchSize?: number
}

/** Failover: one consumer a partition, in order, in batches of what is there. */
export const messageSource = (
  { broker, subscription, topics, batchSize = 100 }: SourceOptions,
  outage: Outage,
  signal: AbortSignal,
): MessageSource => {
  let consumer: Consumer | undefined

  const receive = async () => {
    consumer ??= await broker.subscribe({ subscription, topics, type: 'Failover' })
    const messages = await endedByWaiting(outage, consumer.receive(batchSize, signal))
    if (signal.aborted) return messages
    if (messages.length === 0) throw closed()
    outage.ended()
    return messages
  }

  // What was received and not settled comes again through a new consumer, never through this one.
  const replace = async () => {
    const old = consumer
    consumer = undefined
    await old?.close().catch(() => undefined)
  }

  return {
    async each(take) {
      while (!signal.aborted) {
        try {
          const messages = await receive()
          if (messages.length > 0) await take(messages)
        } catch (error) {
          if (!isAway(error)) await replace()
          outage.met(error)
          await outage.over()
        }
      }
    },
    acknowledge(acks, messages) {
      if (consumer && messages.length > 0) acks.add(consumer, messages)
    },
    close: async () => consumer?.close(),
  }
}

const closed = () => new Transient('consumer-closed', 'the consumer was closed from outside')

const isAway = (error: unknown) => error instanceof Transient && error.slug === 'broker-unavailable'
