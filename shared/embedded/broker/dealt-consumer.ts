import type { Consumer, SubscribeOptions } from '../../messaging/port.ts'
import { forbidInTransaction } from '../../postgres/guard.ts'
import type { BrokerCore } from './core.ts'
import { dealStore } from './deal-store.ts'
import { Hand } from './hand.ts'
import { joinSubscriptions, nextConsumerId, type Subscribed } from './lease-keeper.ts'
import type { Member, SubscriptionView } from './pulse.ts'
import { receiveQueue } from './receive-queue.ts'
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
  const dealer = pump(core, subscribed, options, { hand, store, offer: receiving.offer })
  const joining = { core, pulse, consumerId, type: options.type, subscribed }
  const member: Member = {
    subscriptionIds: subscribed.map(({ subscriptionId }) => subscriptionId),
    topicIds: subscribed.map(({ topic }) => topic.id),
    async beat(views) {
      const unknown = subscribed.filter(
        ({ subscriptionId }) => !views.get(subscriptionId)?.consumers.includes(consumerId),
      )
      if (unknown.length > 0) await joinSubscriptions({ ...joining, subscribed: unknown })
      dealer.beat(views)
    },
    down: receiving.down,
    up: receiving.up,
  }
  const silence = core.heads.listen(dealer.wake)
  let closing: Promise<void> | undefined
  const close = async () => {
    receiving.close()
    silence()
    await dealer.close()
    hand.clear()
    await pulse.leave(member, consumerId)
  }

  await joinSubscriptions(joining)
  pulse.join(member)
  core.notices.rebalance()
  await pulse.now()
  return {
    receive: receiving.receive,
    async acknowledge(messages) {
      forbidInTransaction('a message was acknowledged')
      const ids = hand.putDown(messages)
      receiving.offer()
      if (ids.length === 0) return
      // What could not be stored is dealt again.
      await store.acknowledge(ids).catch(dealer.lost)
      dealer.freed()
    },
    async negativeAcknowledge(messages) {
      const ids = hand.putDown(messages)
      if (ids.length === 0) return
      const delayMs = options.nackDelayMs ?? 1000
      await store.giveBack(ids, delayMs).catch(dealer.lost)
      dealer.wakeIn(delayMs)
      dealer.freed()
    },
    async seek(position) {
      await seekDurable(core, subscribed, position)
      core.notices.rebalance()
      await pulse.now()
    },
    close: () => (closing ??= close()),
  }
}

interface PumpParts {
  readonly hand: Hand
  readonly store: ReturnType<typeof dealStore>
  readonly offer: () => void
}

// What is left was dealt to others, who are slow; by the time they are done some may be ours.
const othersMs = 50

/** Fills the hand: looks for messages when something happened, never on its own. */
const pump = (
  core: BrokerCore,
  subscribed: readonly Subscribed[],
  options: SubscribeOptions,
  { hand, store, offer }: PumpParts,
) => {
  const size = options.receiverQueueSize ?? 1000
  const living = new Map<number, readonly number[]>()
  const seen = new Map<number, number>()
  let epochs = ''
  let members = ''
  let unsure = false
  let more = false
  let again = false
  let closed = false
  let running: Promise<void> | undefined
  let dueAt = 0
  let due: ReturnType<typeof setTimeout> | undefined

  const wakeIn = (ms: number) => {
    const at = performance.now() + ms
    if (closed || (due && dueAt <= at)) return
    clearTimeout(due)
    dueAt = at
    due = setTimeout(() => {
      due = undefined
      start()
    }, ms)
  }
  const fill = async () => {
    if (unsure) await store.reclaim(hand.ids())
    unsure = false
    more = false
    for (const one of subscribed) {
      const room = size - hand.size
      if (room < 1) {
        more = true
        return
      }
      const dealt = await store.take(one, living.get(one.subscriptionId) ?? [], room)
      hand.add(dealt.messages)
      if (dealt.dueMs !== null) wakeIn(Math.max(1, dealt.dueMs))
      more ||= dealt.more
      if (dealt.messages.length > 0) {
        again ||= dealt.more
        offer()
      } else if (dealt.more) wakeIn(othersMs)
    }
  }
  const run = async () => {
    do {
      again = false
      // After an error the pulse finds out whether the broker is away, and beats when it is back.
      await fill()
        .catch(lost)
        .catch(() => undefined)
    } while (again && !closed)
    running = undefined
  }
  const start = () => {
    again = true
    if (!closed) running ??= run()
  }
  const lost = (error: unknown) => {
    unsure = true
    more = true
    throw error
  }

  return {
    /** Some partition of the process has got further; ours? */
    wake() {
      let news = false
      for (const { topic } of subscribed)
        for (const id of topic.partitionIds) {
          const head = core.heads.get(id)
          news ||= head > (seen.get(id) ?? 0)
          seen.set(id, head)
        }
      if (news) start()
    },
    /** There is room again. */
    freed: () => more && start(),
    wakeIn,
    lost,
    beat(views: ReadonlyMap<number, SubscriptionView>) {
      const now = [...views.values()]
        .flatMap(({ cursors }) => cursors.map(({ epoch }) => epoch))
        .join()
      const then = epochs
      epochs = now
      for (const [id, { consumers }] of views) living.set(id, consumers)
      const together = [...living.values()].join(';')
      const moved = then !== '' && then !== now
      if (moved) {
        hand.clear()
        unsure = true
      }
      if (moved || more || together !== members) start()
      members = together
    },
    async close() {
      closed = true
      clearTimeout(due)
      await running
    },
  }
}
