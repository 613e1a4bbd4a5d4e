import type { Consumer, SubscribeOptions } from '../../messaging/port.ts'
import { forbidInTransaction } from '../../postgres/guard.ts'
import type { BrokerCore } from './core.ts'
import { leaseKeeper, nextConsumerId, type Subscribed, takePart } from './lease-keeper.ts'
import { MessageWindow } from './message-window.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { Member } from './pulse.ts'
import { beginning, receiveQueue } from './receive-queue.ts'
import { seekDurable } from './seek.ts'

/**
 * A consumer of an Exclusive or Failover subscription: each partition is leased to one consumer,
 * which reads it forward and keeps what is unacknowledged in memory, so a delivery costs no row.
 */
export const leasedConsumer = async (
  core: BrokerCore,
  subscribed: readonly Subscribed[],
  options: SubscribeOptions,
): Promise<Consumer> => {
  const pulse = await core.pulse()
  const consumerId = await nextConsumerId(core)
  const queues = new Map<number, PartitionQueue>()
  const window = new MessageWindow(core, queues, options)
  const receiving = receiveQueue((max) => (pulse.fresh() ? window.take(max) : []))
  const keeper = { core, pulse, consumerId, type: options.type, subscribed, queues }
  const member: Member = {
    subscriptionIds: subscribed.map(({ subscriptionId }) => subscriptionId),
    topicIds: subscribed.map(({ topic }) => topic.id),
    beat: leaseKeeper(keeper),
    down: receiving.down,
    up() {
      receiving.up()
      core.reader.wake()
      // A crash may have forgotten the last ones.
      void store([...queues.values()]).catch(() => undefined)
    },
  }
  // Never straight to `receiving.down`: only a pulse that saw the broker go says when it is back.
  const source = {
    wants: () => window.wants(),
    arrived: receiving.offer,
    failed: (error: unknown) => pulse.missed(error),
  }
  const look = () => void pulse.now().catch(() => undefined)

  const store = async (touched: readonly PartitionQueue[]) => {
    const kept = await Promise.all(touched.map((queue) => core.cursors.store(queue)))
    if (kept.includes(false)) look()
  }
  let closing: Promise<void> | undefined
  const close = async () => {
    receiving.close()
    window.close()
    core.reader.remove(source)
    await store([...queues.values()].filter(({ dirty }) => dirty)).catch(() => undefined)
    queues.clear()
    await pulse.leave(member, consumerId)
  }

  await beginning(
    takePart(keeper, member, () => core.reader.add(source)),
    close,
  )
  return {
    receive: receiving.receive,
    async acknowledge(messages) {
      forbidInTransaction('a message was acknowledged')
      const touched = window.acknowledge(messages)
      receiving.offer()
      if (touched.some((queue) => queue.draining && queue.outstanding === 0)) look()
      await store(touched)
      core.reader.wake()
    },
    negativeAcknowledge: async (messages) => window.giveBack(messages, receiving.offer),
    seek: (position) => seekDurable({ core, pulse, subscribed }, position),
    close: () => (closing ??= close()),
  }
}
