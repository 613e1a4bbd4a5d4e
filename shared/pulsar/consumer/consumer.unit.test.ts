import { expect, test } from 'bun:test'
import { consumerSetUp, delivery } from '../testing/consumer-setup.ts'
import type { Body } from '../wire/commands.ts'
import type { Message } from './message.ts'

const textOf = (message: Message) => new TextDecoder().decode(message.getData())

test('with nothing fetched ahead the broker is granted one message, and only when one is wanted', async () => {
  await using all = await consumerSetUp({ receiverQueueSize: 0 })
  expect(all.got('flow')).toEqual([])
  const first = all.consumer.receive()
  await all.broker.until(() => all.got('flow').length > 0)
  all.deliver({ texts: ['a'], entryId: 0 })
  expect(textOf(await first)).toBe('a')
  expect(all.got('flow')).toEqual([{ consumerId: 1, messagePermits: 1 }])
})

test('messages are granted again by halves of the queue', async () => {
  await using all = await consumerSetUp({ receiverQueueSize: 4 })
  all.deliver(...['a', 'b', 'c', 'd'].map((text, entryId) => ({ texts: [text], entryId })))
  for (let count = 0; count < 4; count++) await all.consumer.receive()
  await all.broker.until(() => all.got('flow').length === 3)
  const granted = all.got<Body<'flow'>>('flow').map(({ messagePermits }) => messagePermits)
  expect(granted).toEqual([4, 2, 2])
})

test('what one turn acknowledges is one command, and its receipt settles each', async () => {
  await using all = await consumerSetUp()
  all.deliver({ texts: ['a'], entryId: 0 }, { texts: ['b'], entryId: 1 })
  const messages = [await all.consumer.receive(), await all.consumer.receive()]
  await Promise.all(messages.map((message) => all.consumer.acknowledge(message)))
  expect(all.got<Body<'ack'>>('ack')).toMatchObject([
    {
      messageId: [
        { ledgerId: 1, entryId: 0 },
        { ledgerId: 1, entryId: 1 },
      ],
    },
  ])
})

test('an entry is acknowledged with the last message of its batch, once', async () => {
  await using all = await consumerSetUp()
  all.deliver({ texts: ['a', 'b', 'c'], entryId: 5 })
  const messages = await all.consumer.batchReceive(3)
  expect(messages.map(textOf)).toEqual(['a', 'b', 'c'])
  await all.consumer.acknowledge(messages[2]!)
  await all.consumer.acknowledge(messages[0]!)
  expect(all.got('ack')).toEqual([])
  await all.consumer.acknowledge(messages[1]!)
  expect(all.got<Body<'ack'>>('ack').map(({ messageId }) => messageId)).toEqual([
    [{ ledgerId: 1, entryId: 5 }],
  ])
})

test('with batch index acknowledgements the broker learns of each message', async () => {
  await using all = await consumerSetUp({ batchIndexAckEnabled: true })
  all.deliver({ texts: ['a', 'b', 'c'], entryId: 5 })
  const messages = await all.consumer.batchReceive(3)
  await all.consumer.acknowledge(messages[1]!)
  const [ack] = all.got<Body<'ack'>>('ack')
  expect(ack?.messageId?.[0]).toEqual({ ledgerId: 1, entryId: 5, ackSet: [0b101n] })
})

test('messages the broker has as acknowledged are not delivered again', async () => {
  await using all = await consumerSetUp()
  all.deliver({ texts: ['a', 'b', 'c'], entryId: 5, ackSet: [0b010n] })
  expect((await all.consumer.batchReceive(3)).map(textOf)).toEqual(['b'])
})

test('of a batch that comes again only what was not acknowledged is delivered', async () => {
  await using all = await consumerSetUp({ nAckRedeliverTimeoutMs: 1 })
  all.deliver({ texts: ['a', 'b', 'c'], entryId: 5 })
  const [a, b] = await all.consumer.batchReceive(3)
  await all.consumer.acknowledge(a!)
  all.consumer.negativeAcknowledge(b!)
  await all.broker.until(() => all.got('redeliverUnacknowledged').length === 1)
  expect(all.got('redeliverUnacknowledged')).toEqual([
    { consumerId: 1, messageIds: [{ ledgerId: 1, entryId: 5 }] },
  ])
  all.deliver({ texts: ['a', 'b', 'c'], entryId: 5, redeliveryCount: 1 })
  const again = await all.consumer.batchReceive(3)
  expect(again.map(textOf)).toEqual(['b', 'c'])
  expect(again[0]!.getRedeliveryCount()).toBe(1)
})

test('a cumulative acknowledgement within a batch stops at the entry before', async () => {
  await using all = await consumerSetUp({ subscriptionType: 'Exclusive' })
  all.deliver({ texts: ['a', 'b'], entryId: 5 })
  const [a, b] = await all.consumer.batchReceive(2)
  await all.consumer.acknowledgeCumulative(a!)
  await all.consumer.acknowledgeCumulative(b!)
  const acks = all.got<Body<'ack'>>('ack').map(({ ackType, messageId }) => [ackType, messageId])
  expect(acks).toEqual([
    [1, [{ ledgerId: 1, entryId: 4 }]],
    [1, [{ ledgerId: 1, entryId: 5 }]],
  ])
})

test('a Failover consumer hears when it becomes the active one', async () => {
  let heard = (_active: boolean): void => undefined
  const active = new Promise<boolean>((resolve) => (heard = resolve))
  await using all = await consumerSetUp({
    subscriptionType: 'Failover',
    onActiveChange: (value) => heard(value),
  })
  for (const session of all.broker.sessions)
    session.tell('activeConsumerChange', { consumerId: 1, isActive: true })
  expect(await active).toBe(true)
})

test('one consumer receives from many topics and acknowledges each where it came from', async () => {
  await using all = await consumerSetUp({ topic: undefined, topics: ['a', 'b', 'a'] })
  for (const session of all.broker.sessions) {
    session.write(delivery(1, { texts: ['of a'], entryId: 0 }))
    session.write(delivery(2, { texts: ['of b'], entryId: 0 }))
  }
  const messages = [await all.consumer.receive(), await all.consumer.receive()]
  await Promise.all(messages.map((message) => all.consumer.acknowledge(message)))
  const acks = all.got<Body<'ack'>>('ack').map(({ consumerId }) => consumerId)
  expect(acks.toSorted()).toEqual([1, 2])
  expect(messages.map((message) => message.getTopicName()).toSorted()).toEqual([
    'persistent://public/default/a',
    'persistent://public/default/b',
  ])
})
