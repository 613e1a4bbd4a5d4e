import { expect, test } from 'bun:test'
import { Client } from '../client.ts'
import { latest } from '../message-id.ts'
import { consumerSetUp } from '../testing/consumer-setup.ts'
import { fakeBroker } from '../testing/fake-broker.ts'
import type { Body } from '../wire/commands.ts'

test('topics of a pattern are not made by subscribing, and later ones are read from their first message', async () => {
  await using all = await consumerSetUp()
  const topics = ['persistent://a/b/one']
  all.broker.script({
    getTopicsOfNamespace: (session, { requestId }) =>
      session.tell('getTopicsOfNamespaceResponse', { requestId, topics }),
    watchTopicList: (session, { requestId, watcherId }) =>
      session.tell('watchTopicListSuccess', { requestId, watcherId, topicsHash: '' }),
  })
  await all.client.subscribe({
    topicsPattern: 'a/b/.*',
    patternAutoDiscoveryPeriodMs: 0,
    subscription: 's',
  })
  await all.broker.until(() => all.got('watchTopicList').length === 1)
  const [watch] = all.got<Body<'watchTopicList'>>('watchTopicList')
  topics.push('persistent://a/b/two')
  for (const session of all.broker.sessions)
    session.tell('watchTopicUpdate', {
      watcherId: watch!.watcherId,
      newTopics: [topics[1]!],
      topicsHash: '',
    })
  const subscribed = () =>
    all
      .got<Body<'subscribe'>>('subscribe')
      .map(({ topic, forceTopicCreation, initialPosition }) => [
        topic,
        forceTopicCreation,
        initialPosition,
      ])
  await all.broker.until(() => subscribed().length === 3)
  expect(subscribed()).toEqual([
    ['persistent://public/default/t', true, 0],
    ['persistent://a/b/one', false, 0],
    ['persistent://a/b/two', false, 1],
  ])
})

test('the watch of a namespace ends with its consumer', async () => {
  await using all = await consumerSetUp()
  all.broker.script({
    getTopicsOfNamespace: (session, { requestId }) =>
      session.tell('getTopicsOfNamespaceResponse', { requestId, topics: [] }),
    watchTopicList: (session, { requestId, watcherId }) =>
      session.tell('watchTopicListSuccess', { requestId, watcherId, topicsHash: '' }),
    watchTopicListClose: (session, { requestId }) => session.tell('success', { requestId }),
  })
  const consumer = await all.client.subscribe({ topicsPattern: 'a/b/.*', subscription: 's' })
  await all.broker.until(() => all.got('watchTopicList').length === 1)
  await consumer.close()
  await all.broker.until(() => all.got('watchTopicListClose').length === 1)
  expect(all.got<Body<'watchTopicListClose'>>('watchTopicListClose')[0]).toMatchObject({
    watcherId: all.got<Body<'watchTopicList'>>('watchTopicList')[0]!.watcherId,
  })
})

test('partitions that come later are read from their first message, also by who began at the end', async () => {
  let partitions = 1
  await using broker = await fakeBroker({
    partitionMetadata: (session, { requestId }) =>
      session.tell('partitionMetadataResponse', { requestId, partitions, response: 0 }),
    getLastMessageId: (session, { requestId }) =>
      session.tell('getLastMessageIdResponse', {
        requestId,
        lastMessageId: { ledgerId: 7, entryId: 7 },
      }),
  })
  const client = new Client({ serviceUrl: broker.url, partitionsUpdateIntervalSeconds: 0.005 })
  await client.subscribe({ topic: 't', subscription: 's' })
  await client.createReader({ topic: 't', startMessageId: latest })
  partitions = 2
  const later = () =>
    broker.received
      .filter(({ type }) => type === 'subscribe')
      .map(({ body }) => body as Body<'subscribe'>)
      .filter(({ topic }) => topic.endsWith('-partition-1'))
  await broker.until(() => later().length === 2)
  const consumer = later().find(({ subscription }) => subscription === 's')
  const reader = later().find(({ subscription }) => subscription !== 's')
  expect([consumer?.durable, consumer?.initialPosition]).toEqual([true, 1])
  expect(reader).toMatchObject({ durable: false, startMessageId: { ledgerId: -1, entryId: -1 } })
  await client.close()
})

test('topics share what is fetched ahead of all of them', async () => {
  const granted = async (receiverQueueSizeAcrossPartitions: number) => {
    await using all = await consumerSetUp({
      topic: undefined,
      topics: ['a', 'b', 'c'],
      receiverQueueSize: 5,
      receiverQueueSizeAcrossPartitions,
    })
    await all.broker.until(() => all.got('flow').length === 3)
    return all.got<Body<'flow'>>('flow').map(({ messagePermits }) => messagePermits)
  }
  expect(await granted(6)).toEqual([2, 2, 2])
  expect(await granted(100)).toEqual([5, 5, 5])
  expect(await granted(1)).toEqual([1, 1, 1])
})
