import type { Consumer, SubscribeOptions } from '../../messaging/port.ts'
import { forbidInTransaction } from '../../postgres/guard.ts'
import type { BrokerCore } from './core.ts'
import { dealStore } from './deal-store.ts'
import { Dealer } from './dealer.ts'
import { Hand } from './hand.ts'
import { joinSubscriptions, nextConsumerId, type Subscribed, takePart } from './lease-keeper.ts'
import type { Member, SubscriptionView } from './pulse.ts'
import { beginning, receiveQueue } from './receive-queue.ts'
import { seekDurable } from './seek.ts'

/**
 * A consumer of a Shared or Key_Shared subscription: every unacknowledged message is a row, dealt to
 * one consumer, and free again when that dies.
 */
export const dealtConsumer = async (
  core: BrokerCore,
  subscribed: readonly Subscribed[],
  options: SubscribeOptions,
): Promise<Consumer> => {
  const pulse = await core.pulse()
  const consumerId = await nextConsumerId(core)
  const hand = new Hand(options.holdKeys ?? false)
  const store = dealStore(core, consumerId, options.type === 'Key_Shared')
  const receiving = receiveQueue((max) => (pulse.fresh() ? hand.take(max) : []))
  const { offer } = receiving
  const size = options.receiverQueueSize ?? 1000
  const dealer = new Dealer({ heads: core.heads, subscribed, size, hand, store, offer })
  const joining = { core, pulse, consumerId, type: options.type, subscribed }
  const member: Member = {
    subscriptionIds: subscribed.map(({ subscriptionId }) => subscriptionId),
    topicIds: subscribed.map(({ topic }) => topic.id),
    async beat(views) {
      await rejoin(joining, views)
      dealer.beat(views)
    },
    down: receiving.down,
    up: receiving.up,
  }
  let silence = () => {}
  let closing: Promise<void> | undefined
  const close = async () => {
    receiving.close()
    silence()
    await dealer.close()
    hand.clear()
    await pulse.leave(member, consumerId)
  }

  const listen = () => {
    silence = core.heads.listen(() => dealer.wake())
  }
  await beginning(takePart(joining, member, listen), close)
  return {
    receive: receiving.receive,
    async acknowledge(messages) {
      forbidInTransaction('a message was acknowledged')
      const ids = hand.putDown(messages)
      receiving.offer()
      if (ids.length === 0) return
      // What could not be stored is dealt again.
      await store.acknowledge(ids).catch((error) => dealer.lost(error))
      dealer.freed()
    },
    async negativeAcknowledge(messages) {
      const ids = hand.putDown(messages)
      if (ids.length === 0) return
      const delayMs = options.nackDelayMs ?? 1000
      await store.giveBack(ids, delayMs).catch((error) => dealer.lost(error))
      dealer.wakeIn(delayMs)
      dealer.freed()
    },
    seek: (position) => seekDurable({ core, pulse, subscribed }, position),
    close: () => (closing ??= close()),
  }
}

/** Our row is gone when this process was taken for dead for long. */
const rejoin = async (
  joining: Parameters<typeof joinSubscriptions>[0],
  views: ReadonlyMap<number, SubscriptionView>,
) => {
  const subscribed = joining.subscribed.filter(
    ({ subscriptionId }) => !views.get(subscriptionId)?.consumers.includes(joining.consumerId),
  )
  if (subscribed.length > 0) await joinSubscriptions({ ...joining, subscribed })
}
