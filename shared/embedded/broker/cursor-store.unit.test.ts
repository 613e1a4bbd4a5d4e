import { expect, test } from 'bun:test'
import type { Database } from '../../postgres/database.ts'
import { cursorStore } from './cursor-store.ts'
import { PartitionQueue } from './partition-queue.ts'

const queue = (subscriptionId: number, partitionId: number) =>
  new PartitionQueue({
    subscriptionId,
    consumerId: 1,
    partitionId,
    topic: 't',
    partition: 0,
    epoch: 1,
    mark: partitionId * 10,
    acked: '{}',
  })

test('cursors are moved in one order, so that two processes never wait for each other in a ring', async () => {
  const asked: (readonly unknown[])[] = []
  const database: Pick<Database, 'query'> = {
    async query(_text, parameters = []) {
      asked.push(parameters)
      return []
    },
  }
  const store = cursorStore(database as Database)
  const queues = [queue(2, 1), queue(1, 12), queue(1, 3), queue(2, 11)]
  await store.release(queues)
  await Promise.all(queues.map((one) => store.store(one)))
  const ordered = [
    [1, 1, 2, 2],
    [3, 12, 1, 11],
  ]
  for (const parameters of asked.slice(0, 1)) expect(parameters.slice(0, 2)).toEqual(ordered)
  // The first goes alone; the others gather meanwhile.
  expect(asked[2]?.slice(0, 2)).toEqual([
    [1, 1, 2],
    [3, 12, 11],
  ])
  expect(asked[2]?.[3]).toEqual([30, 120, 110])
})
