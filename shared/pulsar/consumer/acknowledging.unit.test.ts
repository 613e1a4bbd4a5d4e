import { expect, test } from 'bun:test'
import { consumerSetUp } from '../testing/consumer-setup.ts'
import type { Body } from '../wire/commands.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('with a time to gather, acknowledgements of several turns are one command', async () => {
  await using all = await consumerSetUp({ ackGroupTimeMs: 20 })
  all.deliver({ texts: ['a'], entryId: 0 }, { texts: ['b'], entryId: 1 })
  const acknowledged: Promise<void>[] = []
  for (const message of await all.consumer.batchReceive(2)) {
    acknowledged.push(all.consumer.acknowledge(message))
    await turn()
    await turn()
  }
  await Promise.all(acknowledged)
  const sizes = all.got<Body<'ack'>>('ack').map(({ messageId = [] }) => messageId.length)
  expect(sizes).toEqual([2])
})

test('a group that is large enough does not wait for its time', async () => {
  await using all = await consumerSetUp({ ackGroupTimeMs: 60_000, receiverQueueSize: 2_000 })
  all.deliver(...Array.from({ length: 1_001 }, (_, entryId) => ({ texts: ['a'], entryId })))
  const acknowledged: Promise<void>[] = []
  while (acknowledged.length < 1_001)
    acknowledged.push(all.consumer.acknowledge(await all.consumer.receive()))
  await acknowledged[999]
  expect(all.got<Body<'ack'>>('ack').map(({ messageId }) => messageId?.length)).toEqual([1_000])
  await all.consumer.close()
  await Promise.all(acknowledged)
})

test('without receipts none is asked for', async () => {
  await using all = await consumerSetUp({ ackReceiptEnabled: false })
  all.deliver({ texts: ['a'], entryId: 0 })
  await all.consumer.acknowledge(await all.consumer.receive())
  await all.broker.until(() => all.got('ack').length === 1)
  expect(all.got<Body<'ack'>>('ack')[0]?.requestId).toBeUndefined()
})

test('unsubscribing waits for the receipts that are out', async () => {
  let receipt = (): void => undefined
  await using all = await consumerSetUp(
    {},
    {
      ack: (session, { consumerId, requestId }) => {
        receipt = () => session.tell('ackResponse', { consumerId, requestId })
      },
    },
  )
  all.deliver({ texts: ['a'], entryId: 0 })
  const acknowledged = all.consumer.acknowledge(await all.consumer.receive())
  const unsubscribed = all.consumer.unsubscribe()
  await all.broker.until(() => all.got('ack').length === 1)
  expect(all.got('unsubscribe')).toEqual([])
  receipt()
  await Promise.all([acknowledged, unsubscribed])
  expect(all.got('unsubscribe')).toHaveLength(1)
})
