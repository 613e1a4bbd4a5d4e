import { expect, test } from 'bun:test'
import { consumerSetUp, delivery } from '../testing/consumer-setup.ts'
import type { Body } from '../wire/commands.ts'
import type { Message } from './message.ts'

const textOf = (message: Message) => new TextDecoder().decode(message.getData())

test('an acknowledgement the broker refuses is an error of who acknowledged', async () => {
  await using all = await consumerSetUp(
    {},
    {
      ack: (session, { consumerId, requestId }) =>
        session.tell('ackResponse', { consumerId, requestId, error: 1, message: 'no' }),
    },
  )
  all.deliver({ texts: ['a'], entryId: 0 })
  const message = await all.consumer.receive()
  await expect(all.consumer.acknowledge(message)).rejects.toMatchObject({ code: 'metadata' })
})

test('after a new start old acknowledgements are refused and nothing old is delivered', async () => {
  await using all = await consumerSetUp()
  all.deliver({ texts: ['a'], entryId: 0 }, { texts: ['b'], entryId: 1 })
  const a = await all.consumer.receive()
  all.broker.cut()
  await all.broker.until(() => all.got('flow').length === 2)
  await expect(all.consumer.acknowledge(a)).rejects.toMatchObject({
    code: 'connection',
    retriable: true,
  })
  all.deliver({ texts: ['a'], entryId: 0 })
  const again = await all.consumer.receive()
  expect(textOf(again)).toBe('a')
  await all.consumer.acknowledge(again)
  await expect(all.consumer.receive(0)).rejects.toMatchObject({ code: 'timeout' })
})

test('a consumer the broker closed subscribes again', async () => {
  await using all = await consumerSetUp()
  for (const session of all.broker.sessions)
    session.tell('closeConsumer', { consumerId: 1, requestId: -1 })
  await all.broker.until(() => all.got('subscribe').length === 2 && all.got('flow').length === 2)
  expect(all.got('connect')).toHaveLength(1)
})

test('a seek while the broker moves the consumer waits until it is subscribed again', async () => {
  await using all = await consumerSetUp(
    {},
    { seek: (session, { requestId }) => session.tell('success', { requestId }) },
  )
  for (const session of all.broker.sessions)
    session.tell('closeConsumer', { consumerId: 1, requestId: -1 })
  await all.broker.until(() => !all.consumer.isConnected)
  await all.consumer.seekTimestamp(1)
  expect(all.got('subscribe')).toHaveLength(2)
  expect(all.got('seek')).toHaveLength(1)
})

test('a subscription taken by another ends the consumer, and who waits hears it', async () => {
  await using all = await consumerSetUp()
  const waiting = all.consumer.receive()
  all.broker.script({
    subscribe: (session, { requestId }) =>
      session.tell('error', { requestId, error: 4, message: 'no rights any more' }),
  })
  all.broker.cut()
  await expect(waiting).rejects.toMatchObject({ code: 'authorization' })
})

test('a damaged entry is reported, neither delivered nor acknowledged, and stops nothing', async () => {
  const unreadable: string[] = []
  await using all = await consumerSetUp({
    onUnreadable: ({ code }, { entryId }) => void unreadable.push(`${code} ${entryId}`),
  })
  const damaged = delivery(1, { texts: ['a'], entryId: 0 })
  damaged[damaged.length - 1]! ^= 1
  for (const session of all.broker.sessions) session.write(damaged)
  all.deliver({ texts: ['b'], entryId: 1 })
  const b = await all.consumer.receive()
  expect(textOf(b)).toBe('b')
  await all.consumer.acknowledge(b)
  expect(unreadable).toEqual(['checksum 0'])
  expect(all.got<Body<'ack'>>('ack')[0]!.messageId).toHaveLength(1)
})

test('the time until a message is asked for again follows its redelivery count', async () => {
  const counts: number[] = []
  await using all = await consumerSetUp({
    negativeAckRedeliveryBackoff: (count) => {
      counts.push(count)
      return 0
    },
  })
  all.deliver({ texts: ['a'], entryId: 0, redeliveryCount: 3 })
  all.consumer.negativeAcknowledge(await all.consumer.receive())
  await all.broker.until(() => all.got('redeliverUnacknowledged').length === 1)
  expect(counts).toEqual([3])
})

test('an exclusive consumer asks for all again, and drops what was under way before', async () => {
  await using all = await consumerSetUp({
    subscriptionType: 'Exclusive',
    nAckRedeliverTimeoutMs: 0,
  })
  all.deliver({ texts: ['a'], entryId: 0 }, { texts: ['b'], entryId: 1 })
  all.consumer.negativeAcknowledge(await all.consumer.receive())
  await all.broker.until(() => all.got('redeliverUnacknowledged').length === 1)
  expect(all.got('redeliverUnacknowledged')).toEqual([{ consumerId: 1, consumerEpoch: 1 }])
  all.deliver({ texts: ['late'], entryId: 2 }, { texts: ['a'], entryId: 0, consumerEpoch: 1 })
  expect(textOf(await all.consumer.receive())).toBe('a')
})

test('closing waits for the receipts that are out, then leaves', async () => {
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
  const closed = all.consumer.close()
  await all.broker.until(() => all.got('ack').length === 1)
  expect(all.got('closeConsumer')).toEqual([])
  receipt()
  await Promise.all([acknowledged, closed])
  expect(all.got('closeConsumer')).toHaveLength(1)
  await expect(all.consumer.receive()).rejects.toMatchObject({ code: 'closed' })
})

test('iterating ends when the consumer is closed', async () => {
  await using all = await consumerSetUp()
  all.deliver({ texts: ['a'], entryId: 0 }, { texts: ['b'], entryId: 1 })
  const seen: string[] = []
  for await (const message of all.consumer) {
    seen.push(textOf(message))
    if (seen.length === 2) void all.consumer.close()
  }
  expect(seen).toEqual(['a', 'b'])
})

test('a reader goes on behind the last message it read when it has to start again', async () => {
  await using all = await consumerSetUp()
  const reader = await all.client.createReader({
    topic: 'r',
    startMessageId: { ledgerId: 1, entryId: 3, partition: -1, batchIndex: -1, batchSize: 0 },
  })
  const readerId = all.got<Body<'subscribe'>>('subscribe')[1]!.consumerId
  const send = (...entryIds: readonly number[]) => {
    for (const session of all.broker.sessions)
      for (const entryId of entryIds)
        session.write(delivery(readerId, { texts: [`m${entryId}`], entryId }))
  }
  await all.broker.until(() => all.got('flow').length === 2)
  send(3, 4, 5)
  expect(textOf(await reader.readNext())).toBe('m4')
  all.broker.cut()
  await all.broker.until(() => all.got('subscribe').length === 4 && all.got('flow').length === 4)
  const again = all
    .got<Body<'subscribe'>>('subscribe')
    .findLast(({ consumerId }) => consumerId === readerId)
  expect(again).toMatchObject({ durable: false, startMessageId: { ledgerId: 1, entryId: 4 } })
  send(4, 5)
  expect(textOf(await reader.readNext())).toBe('m5')
})
