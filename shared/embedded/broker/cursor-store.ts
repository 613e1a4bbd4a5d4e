import type { Database } from '../../postgres/database.ts'
import type { PartitionQueue } from './partition-queue.ts'
import { ask } from './statements.ts'

export interface CursorStore {
  /** Resolves when what the queue has acknowledged so far is stored; false: its lease was lost. */
  store(queue: PartitionQueue): Promise<boolean>
  /** Stores what was acknowledged and gives the partitions back. */
  release(queues: readonly PartitionQueue[]): Promise<void>
}

interface Waiter {
  resolve(kept: boolean): void
  reject(error: unknown): void
}

/**
 * Group acknowledgement for a whole process: while one statement is stored the next ones gather.
 * A queue whose epoch is no longer the cursor's moves nothing.
 */
export const cursorStore = (database: Database): CursorStore => {
  let waiting = new Map<PartitionQueue, Waiter[]>()
  let running = false

  const flush = async (group: ReadonlyMap<PartitionQueue, readonly Waiter[]>) => {
    const queues = [...group.keys()]
    try {
      const kept = await write(database, storeMarks, queues)
      for (const [queue, waiters] of group)
        for (const waiter of waiters) waiter.resolve(kept.has(identity(queue)))
    } catch (error) {
      for (const queue of queues) queue.dirty = true
      for (const waiters of group.values()) for (const waiter of waiters) waiter.reject(error)
    }
  }
  const run = async () => {
    running = true
    while (waiting.size > 0) {
      const group = waiting
      waiting = new Map()
      await flush(group)
    }
    running = false
  }

  return {
    store(queue) {
      return new Promise((resolve, reject) => {
        const waiters = waiting.get(queue)
        if (waiters) waiters.push({ resolve, reject })
        else waiting.set(queue, [{ resolve, reject }])
        if (!running) void run()
      })
    },
    async release(queues) {
      if (queues.length > 0) await write(database, giveBack, queues)
    },
  }
}

const identity = ({ start }: PartitionQueue) => `${start.subscriptionId}:${start.partitionId}`

const write = async (database: Database, text: string, given: readonly PartitionQueue[]) => {
  // Rows are locked in this order: two processes that sort never wait for each other in a ring.
  const queues = given.toSorted(
    ({ start: a }, { start: b }) =>
      a.subscriptionId - b.subscriptionId || a.partitionId - b.partitionId,
  )
  const parameters = [
    queues.map(({ start }) => start.subscriptionId),
    queues.map(({ start }) => start.partitionId),
    queues.map(({ start }) => start.epoch),
    queues.map(({ acknowledged }) => acknowledged.mark),
    queues.map(({ acknowledged }) => acknowledged.toString()),
  ]
  for (const queue of queues) queue.dirty = false
  const rows = await ask<{ kept: string }>(database, text, parameters)
  return new Set(rows.map((row) => row.kept))
}

// Does not wait for the disk: the end of this process forgets nothing, a crash of Postgres may forget
// the last acknowledgements, and then their messages come again.
const update = (change: string) => `
  UPDATE broker.cursor c SET mark = v.mark, acked = v.acked::int8multirange ${change}
  FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[], $5::text[])
    AS v(subscription_id, partition_id, epoch, mark, acked),
    (SELECT set_config('synchronous_commit', 'off', true)) AS relaxed
  WHERE c.subscription_id = v.subscription_id AND c.partition_id = v.partition_id AND c.epoch = v.epoch
  RETURNING c.subscription_id || ':' || c.partition_id AS kept`
const storeMarks = update('')
// The epoch rises so that an acknowledgement still on its way cannot move the mark back.
const giveBack = update(', consumer_id = NULL, epoch = c.epoch + 1')
