import { expect, test } from 'bun:test'
import { until } from '../../../tests/support/until.ts'
import { consumerSetUp, delivery } from '../testing/consumer-setup.ts'
import type { Body } from '../wire/commands.ts'
import { earliest } from '../message-id.ts'
import type { Message } from './message.ts'

const textOf = (message: Message) => new TextDecoder().decode(message.getData())

test('a consumer closed in the middle of a delivery drops what it has and gets it again', async () => {
  await using all = await consumerSetUp()
  all.deliver({ texts: ['a'], entryId: 0 }, { texts: ['b'], entryId: 1 })
  const a = await all.consumer.receive()
  for (const session of all.broker.sessions) {
    session.tell('closeConsumer', { consumerId: 1, requestId: -1 })
    session.write(delivery(1, { texts: ['late'], entryId: 2 }))
  }
  await all.broker.until(() => all.got('flow').length === 2)
  expect(all.consumer.stats().queued).toBe(0)
  await expect(all.consumer.acknowledge(a)).rejects.toMatchObject({ code: 'connection' })
  all.deliver({ texts: ['a'], entryId: 0 }, { texts: ['b'], entryId: 1 })
  expect((await all.consumer.batchReceive(2)).map(textOf)).toEqual(['a', 'b'])
})

test('a message for a consumer that is not there harms nobody', async () => {
  await using all = await consumerSetUp()
  for (const session of all.broker.sessions)
    session.write(delivery(99, { texts: ['lost'], entryId: 0 }))
  all.deliver({ texts: ['mine'], entryId: 1 })
  expect(textOf(await all.consumer.receive())).toBe('mine')
  expect(all.broker.sessions.size).toBe(1)
})

test('a receipt that does not come is a timeout of who acknowledged', async () => {
  await using all = await consumerSetUp({}, { ack: () => undefined })
  all.deliver({ texts: ['a'], entryId: 0 })
  const message = await all.consumer.receive()
  await expect(all.consumer.acknowledge(message)).rejects.toMatchObject({
    code: 'timeout',
    retriable: true,
  })
})

test('a receipt that is out when the broker closes the consumer is not waited for', async () => {
  await using all = await consumerSetUp({}, { ack: () => undefined })
  all.deliver({ texts: ['a'], entryId: 0 }, { texts: ['b'], entryId: 1 })
  const [a, b] = await all.consumer.batchReceive(2)
  const sent = all.consumer.acknowledge(a!)
  sent.catch(() => undefined)
  await all.broker.until(() => all.got('ack').length === 1)
  for (const session of all.broker.sessions)
    session.tell('closeConsumer', { consumerId: 1, requestId: -1 })
  await expect(sent).rejects.toMatchObject({ code: 'connection', retriable: true })
  await expect(all.consumer.acknowledge(b!)).rejects.toMatchObject({ code: 'connection' })
  expect(all.got('ack')).toHaveLength(1)
})

test('who does not read is sent no more than was asked for', async () => {
  await using all = await consumerSetUp({ receiverQueueSize: 4 })
  const granted = () =>
    all.got<Body<'flow'>>('flow').reduce((sum, { messagePermits }) => sum + messagePermits, 0)
  all.deliver(...['a', 'b', 'c', 'd'].map((text, entryId) => ({ texts: [text], entryId })))
  expect(textOf(await all.consumer.receive())).toBe('a')
  // The broker has everything that was said so far when it has this.
  await all.consumer.acknowledge(await all.consumer.receive())
  expect(all.consumer.stats().queued).toBe(2)
  expect(granted()).toBeLessThanOrEqual(6)
})

test('a reader reads nothing twice that the broker sends twice', async () => {
  await using all = await consumerSetUp()
  const reader = await all.client.createReader({ topic: 'r', startMessageId: earliest })
  const readerId = all.got<Body<'subscribe'>>('subscribe')[1]!.consumerId
  const send = (entryId: number) => {
    for (const session of all.broker.sessions)
      session.write(delivery(readerId, { texts: [`m${entryId}`], entryId }))
  }
  await all.broker.until(() => all.got('flow').length === 2)
  send(0)
  expect(textOf(await reader.readNext())).toBe('m0')
  send(0)
  send(1)
  expect(textOf(await reader.readNext())).toBe('m1')
})

test('a message sent twice can be acknowledged twice', async () => {
  await using all = await consumerSetUp()
  all.deliver({ texts: ['a'], entryId: 0 }, { texts: ['a'], entryId: 0 })
  const [first, second] = await all.consumer.batchReceive(2)
  await all.consumer.acknowledge(first!)
  await all.consumer.acknowledge(second!)
  const ids = all.got<Body<'ack'>>('ack').flatMap(({ messageId }) => messageId ?? [])
  expect(ids.map(({ entryId }) => entryId)).toEqual([0, 0])
})

test('when one topic ends for good all of the consumer does, and its other topics are given up', async () => {
  await using all = await consumerSetUp({ topic: undefined, topics: ['a', 'b'] })
  const waiting = all.consumer.receive()
  all.broker.script({
    subscribe: (session, { requestId }) =>
      session.tell('error', { requestId, error: 17, message: 'no such name' }),
  })
  for (const session of all.broker.sessions)
    session.tell('closeConsumer', { consumerId: 1, requestId: -1 })
  await expect(waiting).rejects.toMatchObject({ code: 'invalid-topic-name' })
  await all.broker.until(() => all.got('closeConsumer').length === 1)
  expect(all.got('closeConsumer')).toMatchObject([{ consumerId: 2 }])
})

test('a listener hears that its consumer has ended', async () => {
  const ended = Promise.withResolvers<unknown>()
  await using all = await consumerSetUp({
    listener: () => undefined,
    onListenerError: (error) => ended.resolve(error),
  })
  all.broker.script({
    subscribe: (session, { requestId }) =>
      session.tell('error', { requestId, error: 17, message: 'no such name' }),
  })
  all.broker.cut()
  expect(await ended.promise).toMatchObject({ code: 'invalid-topic-name' })
})

test('a consumer that pauses asks for nothing after a new start either', async () => {
  await using all = await consumerSetUp({ receiverQueueSize: 4 })
  all.consumer.pause()
  all.broker.cut()
  await all.broker.until(() => all.got('subscribe').length === 2)
  await until(() => all.consumer.isConnected)
  all.broker.script({
    getLastMessageId: (session, { requestId }) =>
      session.tell('getLastMessageIdResponse', {
        requestId,
        lastMessageId: { ledgerId: 1, entryId: 0 },
      }),
  })
  const waiting = all.consumer.receive()
  // Whatever was said before this has arrived when it is answered.
  await all.consumer.getLastMessageIds()
  expect(all.got('flow')).toHaveLength(1)
  all.consumer.resume()
  await all.broker.until(() => all.got('flow').length === 2)
  all.deliver({ texts: ['a'], entryId: 0 })
  expect(textOf(await waiting)).toBe('a')
})

test('options that exclude each other are refused before anything is asked of the broker', async () => {
  await using all = await consumerSetUp()
  const asked = all.broker.received.length
  const refused = [
    { subscriptionType: 'Failover', deadLetterPolicy: { maxRedeliverCount: 1 } },
    { subscriptionType: 'Shared', deadLetterPolicy: { maxRedeliverCount: 0 } },
    { subscriptionType: 'KeyShared', retryEnable: true },
    { subscriptionType: 'Shared', readCompacted: true },
    { subscriptionType: 'KeyShared', keySharedPolicy: { keyShareMode: 'Sticky' } },
    { topicsPattern: 'a/b/c' },
    { topic: undefined, topicsPattern: 'no namespace' },
    { topic: undefined },
  ] as const
  for (const options of refused)
    await expect(
      all.client.subscribe({ topic: 't', subscription: 's', ...options }),
    ).rejects.toMatchObject({ code: 'invalid-argument' })
  expect(all.broker.received.length).toBe(asked)
})

test('a topic found while its consumer closes is not subscribed to', async () => {
  await using all = await consumerSetUp()
  const topics = ['persistent://a/b/one']
  let answer = (): void => undefined
  all.broker.script({
    getTopicsOfNamespace: (session, { requestId }) => {
      const tell = () => session.tell('getTopicsOfNamespaceResponse', { requestId, topics })
      if (topics.length === 1) tell()
      else answer = tell
    },
  })
  const consumer = await all.client.subscribe({
    topicsPattern: 'a/b/.*',
    patternAutoDiscoveryPeriodMs: 5,
    subscription: 's',
  })
  topics.push('persistent://a/b/two')
  const asked = () => all.got('getTopicsOfNamespace').length
  const before = asked()
  await all.broker.until(() => asked() > before)
  const closing = consumer.close()
  answer()
  await closing
  // A request of the same connection, answered after whatever was said before.
  await all.client.getPartitionsForTopic('x')
  expect(all.got<Body<'subscribe'>>('subscribe').map(({ topic }) => topic)).not.toContain(topics[1])
})
