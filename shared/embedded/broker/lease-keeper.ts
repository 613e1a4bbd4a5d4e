import { firstPulse } from './first-pulse.ts'
import { Transient } from '../../kernel/fates.ts'
import type { SubscriptionType } from '../../messaging/port.ts'
import type { BrokerCore } from './core.ts'
import { PartitionQueue } from './partition-queue.ts'
import type { Member, Pulse, SubscriptionView } from './pulse.ts'
import { type CursorView, rebalance } from './rebalance.ts'
import { ask } from './statements.ts'
import type { Topic } from './topics.ts'

/** One topic of a consumer, with the row of its subscription. */
export interface Subscribed {
  readonly topic: Topic
  readonly subscriptionId: number
}

export interface LeaseKeeperOptions {
  readonly core: BrokerCore
  readonly pulse: Pulse
  readonly consumerId: number
  readonly type: SubscriptionType
  readonly subscribed: readonly Subscribed[]
  /** By partition id; the keeper adds and removes. */
  readonly queues: Map<number, PartitionQueue>
}

/** Handlers get this long to acknowledge what they have before their partition moves. */
const drainMs = 5000

/** Makes the consumer known. Throws `Transient` slug `subscription-busy` where others use it otherwise. */
export const joinSubscriptions = async ({
  core,
  pulse,
  consumerId,
  type,
  subscribed,
}: Omit<LeaseKeeperOptions, 'queues'>): Promise<void> => {
  for (const { subscriptionId, topic } of subscribed) {
    const [row] = await ask<{ joined: boolean }>(core.database, join, [
      subscriptionId,
      consumerId,
      pulse.holderId,
      type,
    ])
    if (row?.joined) continue
    throw new Transient(
      'subscription-busy',
      `a subscription of ${topic.name} is in use by consumers that do not go with type ${type}`,
    )
  }
}

/** Joins, and resolves when the first pulse has told the consumer who else there is. */
export const takePart = async (
  joining: Omit<LeaseKeeperOptions, 'queues'>,
  member: Member,
  joined: () => void,
): Promise<void> => {
  await joinSubscriptions(joining)
  joined()
  joining.pulse.join(member)
  joining.core.notices.rebalance()
  await firstPulse(joining.pulse)
}

export const nextConsumerId = async ({ database }: BrokerCore): Promise<number> => {
  const [row] = await ask<{ id: string }>(database, `SELECT nextval('broker.consumer_id') AS id`)
  return Number(row?.id)
}

/** Keeps a consumer's fair share of partitions leased; called with each pulse. */
export const leaseKeeper = (options: LeaseKeeperOptions) => {
  const { core, consumerId, queues, subscribed } = options
  const draining = new Map<PartitionQueue, number>()

  const drained = (queue: PartitionQueue, now: number): boolean => {
    queue.draining = true
    const since = draining.get(queue) ?? now
    draining.set(queue, since)
    return queue.outstanding === 0 || now - since > drainMs
  }
  const settleMoves = (one: Subscribed, view: SubscriptionView) => {
    const held = heldOf(queues, one.subscriptionId)
    const shift = one.topic.id
    const moves = rebalance({ ...view, me: consumerId, shift, held })
    for (const partitionId of moves.lost) queues.delete(partitionId)
    for (const queue of draining.keys())
      if (
        !moves.surplus.includes(queue.start.partitionId) &&
        one.subscriptionId === queue.start.subscriptionId
      ) {
        draining.delete(queue)
        queue.draining = false
      }
    const now = performance.now()
    const released = moves.surplus
      .map((partitionId) => queues.get(partitionId))
      .filter((queue) => queue !== undefined)
      .filter((queue) => drained(queue, now))
    return { released, claims: moves.claims.map((cursor) => ({ ...cursor, one })) }
  }
  const release = async (released: readonly PartitionQueue[]) => {
    if (released.length === 0) return
    for (const queue of released) {
      queues.delete(queue.start.partitionId)
      draining.delete(queue)
    }
    await core.cursors.release(released)
    core.notices.rebalance()
    void options.pulse.now().catch(() => undefined)
  }

  return async (views: ReadonlyMap<number, SubscriptionView>): Promise<void> => {
    const moves = []
    for (const one of subscribed) {
      const view = views.get(one.subscriptionId)
      if (!view) continue
      // Our row is gone when this process was taken for dead for long.
      if (!view.consumers.includes(consumerId)) {
        for (const id of heldOf(queues, one.subscriptionId).keys()) queues.delete(id)
        await joinSubscriptions({ ...options, subscribed: [one] })
      } else moves.push(settleMoves(one, view))
    }
    await release(moves.flatMap(({ released }) => released))
    const claims = moves
      .flatMap((move) => move.claims)
      .sort((a, b) => a.one.subscriptionId - b.one.subscriptionId)
    if (claims.length === 0) return
    const claimed = await claim(options, claims)
    for (const queue of claimed) queues.set(queue.start.partitionId, queue)
    core.reader.wake()
    // Somebody was faster; another partition may be free.
    if (claimed.length < claims.length) void options.pulse.now().catch(() => undefined)
  }
}

const heldOf = (queues: ReadonlyMap<number, PartitionQueue>, subscriptionId: number) =>
  new Map(
    [...queues.values()]
      .filter(({ start }) => start.subscriptionId === subscriptionId)
      .map(({ start }) => [start.partitionId, start.epoch]),
  )

type Claim = CursorView & { readonly one: Subscribed }

const claim = async ({ core, consumerId }: LeaseKeeperOptions, claims: readonly Claim[]) => {
  const rows = await ask<Claimed>(core.database, takeOver, [
    claims.map(({ one }) => one.subscriptionId),
    claims.map(({ partitionId }) => partitionId),
    claims.map(({ epoch }) => epoch),
    consumerId,
  ])
  const topics = new Map(claims.map(({ partitionId, one }) => [partitionId, one.topic]))
  return rows.map((row) => {
    const topic = topics.get(row.partition_id)
    return new PartitionQueue({
      subscriptionId: row.subscription_id,
      consumerId,
      partitionId: row.partition_id,
      topic: topic?.name ?? '',
      partition: topic?.partitionIds.indexOf(row.partition_id) ?? 0,
      epoch: Number(row.epoch),
      mark: Number(row.mark),
      acked: row.acked,
    })
  })
}

interface Claimed {
  readonly subscription_id: number
  readonly partition_id: number
  readonly epoch: string
  readonly mark: string
  readonly acked: string
}

const join = 'SELECT broker.join_subscription($1, $2, $3, $4) AS joined'

// Whoever changed the row since it was read has raised its epoch, and wins.
const takeOver = `
  UPDATE broker.cursor c SET consumer_id = $4::bigint, epoch = c.epoch + 1
  FROM unnest($1::int[], $2::int[], $3::bigint[]) AS v(subscription_id, partition_id, epoch)
  WHERE c.subscription_id = v.subscription_id AND c.partition_id = v.partition_id AND c.epoch = v.epoch
  RETURNING c.subscription_id, c.partition_id, c.epoch, c.mark, c.acked::text`
