import type { Consumer, SubscribeOptions } from '../../messaging/port.ts'
import { forbidInTransaction } from '../../postgres/guard.ts'
import type { BrokerCore } from './core.ts'
import { MessageWindow } from './message-window.ts'
import { PartitionQueue } from './partition-queue.ts'
import type { Member } from './pulse.ts'
import { beginning, receiveQueue } from './receive-queue.ts'
import { type Position, seekArguments } from './seek.ts'
import { ask } from './statements.ts'
import type { Topic } from './topics.ts'

/**
 * A non-durable consumer: its position lives in its memory, it sees every message from its start on
 * whoever else reads, and it costs no row.
 */
export const tailConsumer = async (
  core: BrokerCore,
  topics: readonly Topic[],
  options: SubscribeOptions,
): Promise<Consumer> => {
  const pulse = await core.pulse()
  const queues = new Map<number, PartitionQueue>()
  const window = new MessageWindow(core, queues, options)
  const receiving = receiveQueue((max) => window.take(max))
  const source = {
    wants: () => window.wants(),
    arrived: receiving.offer,
    failed: (error: unknown) => pulse.missed(error),
  }
  const member: Member = {
    subscriptionIds: [],
    topicIds: topics.map(({ id }) => id),
    beat: async () => undefined,
    down: receiving.down,
    up: () => (receiving.up(), core.reader.wake()),
  }
  const moveTo = async (position: Position) => {
    for (const queue of await startingAt(core, topics, position))
      queues.set(queue.start.partitionId, queue)
  }
  let closing: Promise<void> | undefined
  const close = async () => {
    receiving.close()
    window.close()
    core.reader.remove(source)
    queues.clear()
    await pulse.leave(member)
  }

  await moveTo(options.from ?? 'earliest')
  core.reader.add(source)
  pulse.join(member)
  await beginning(pulse.now(), close)
  core.reader.wake()
  return {
    receive: receiving.receive,
    async acknowledge(messages) {
      forbidInTransaction('a message was acknowledged')
      window.acknowledge(messages)
      receiving.offer()
      core.reader.wake()
    },
    negativeAcknowledge: async (messages) => window.giveBack(messages, receiving.offer),
    async seek(position) {
      await moveTo(position)
      core.reader.wake()
    },
    async noteEnd() {
      const lasts = await lastsOf(core, [...queues.keys()])
      return () => lasts.every(([id, seq]) => queues.get(id)?.isPast(seq) ?? true)
    },
    close: () => (closing ??= close()),
  }
}

const startingAt = async (core: BrokerCore, topics: readonly Topic[], position: Position) => {
  const ids = topics.flatMap(({ partitionIds }) => partitionIds)
  const [one, ...rest] = seekArguments(position)
  const wanted = one === null ? ids : ids.filter((id) => id === one)
  const rows = await ask<{ id: number; start: string }>(core.database, positions, [wanted, ...rest])
  const starts = new Map(rows.map(({ id, start }) => [id, Number(start)]))
  return topics.flatMap(({ name, partitionIds }) =>
    partitionIds.flatMap((partitionId, partition) => {
      const mark = starts.get(partitionId)
      if (mark === undefined) return []
      const nobody = { subscriptionId: 0, consumerId: 0, epoch: 0 }
      const start = { ...nobody, partitionId, topic: name, partition, mark, acked: '{}' }
      return [new PartitionQueue(start)]
    }),
  )
}

/** The last message that each partition has, if it has any. */
const lastsOf = async (core: BrokerCore, ids: readonly number[]) => {
  const rows = await ask<{ id: number; seq: string }>(core.database, lasts, [ids])
  return rows.map(({ id, seq }) => [id, Number(seq)] as const)
}

const lasts = `
  SELECT p.id, m.seq FROM unnest($1::int[]) AS p(id), LATERAL (
    SELECT seq FROM broker.message WHERE partition_id = p.id ORDER BY seq DESC LIMIT 1) m`

const positions = `
  SELECT p.id, broker.position_of(p.id, $2, $3, $4) AS start
  FROM unnest($1::int[]) AS p(id)`
