import { expect, test } from 'bun:test'
import { Client } from '../client.ts'
import { fakeBroker, type Script } from '../testing/fake-broker.ts'
import { message, requests, storing } from '../testing/producer-setup.ts'
import type { Body } from '../wire/commands.ts'

/** A topic whose partitions the test decides. */
const partitioned = async (script: Script = {}) => {
  const topic = { partitions: 2 }
  const broker = await fakeBroker({
    ...storing([]),
    partitionMetadata: (session, { requestId }) =>
      session.tell('partitionMetadataResponse', { requestId, partitions: topic.partitions }),
    ...script,
  })
  const client = new Client({ serviceUrl: broker.url, partitionsUpdateIntervalSeconds: 0.01 })
  const dispose = async () => {
    await client.close()
    await broker[Symbol.asyncDispose]()
  }
  const created = () =>
    (requests(broker, 'producer') as Body<'producer'>[]).map((body) => body.topic.slice(-1))
  return { topic, broker, client, created, [Symbol.asyncDispose]: dispose }
}

test('partitions that are added get messages too', async () => {
  await using all = await partitioned()
  const producer = await all.client.createProducer({
    topic: 't',
    messageRouter: (_, { numPartitions }) => numPartitions - 1,
  })
  expect((await producer.send(message())).messageId.partition).toBe(1)
  all.topic.partitions = 4
  let latest = 1
  while (latest < 3) latest = (await producer.send(message())).messageId.partition
  expect(all.created()).toEqual(['0', '1', '2', '3'])
})

test('a partition that cannot be had yet is asked for again', async () => {
  let refusals = 1
  await using all = await partitioned({
    producer: (session, { requestId, topic }) =>
      topic.endsWith('-2') && refusals-- > 0
        ? session.tell('error', { requestId, error: 4, message: 'not yet' })
        : session.tell('producerSuccess', { requestId, producerName: 'p' }),
  })
  const producer = await all.client.createProducer({
    topic: 't',
    messageRouter: (_, { numPartitions }) => numPartitions - 1,
  })
  all.topic.partitions = 3
  while ((await producer.send(message())).messageId.partition < 2);
  expect(all.created()).toEqual(['0', '1', '2', '2'])
})

test('a closed producer asks no more', async () => {
  await using all = await partitioned()
  const producer = await all.client.createProducer({ topic: 't' })
  await all.broker.until(() => requests(all.broker, 'partitionMetadata').length > 1)
  await producer.close()
  const asked = requests(all.broker, 'partitionMetadata').length
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(requests(all.broker, 'partitionMetadata')).toHaveLength(asked)
})

test('fenced on every partition, it says so once', async () => {
  let fenced = 0
  await using all = await partitioned()
  const producer = await all.client.createProducer({ topic: 't', onFenced: () => void fenced++ })
  const refusing: Script = {
    producer: (session, { requestId }) =>
      session.tell('error', { requestId, error: 25, message: 'fenced' }),
  }
  all.broker.script({ ...refusing, send: () => undefined })
  const sent = ['a', 'hello'].map((partitionKey) => producer.send(message({ partitionKey })))
  all.broker.cut()
  for (const outcome of await Promise.allSettled(sent))
    expect(outcome).toMatchObject({ reason: { code: 'producer-fenced' } })
  expect(fenced).toBe(1)
})

test('whoever waits for exclusive access takes no partition before it has the first', async () => {
  let first = (): void => undefined
  await using all = await partitioned({
    producer: (session, { requestId, topic }) => {
      const answer = { requestId, producerName: 'p' }
      if (!topic.endsWith('-0')) return session.tell('producerSuccess', answer)
      session.tell('producerSuccess', { ...answer, producerReady: false })
      first = () => session.tell('producerSuccess', { ...answer, producerReady: true })
    },
  })
  const waiting = all.client.createProducer({ topic: 't', accessMode: 'WaitForExclusive' })
  await all.broker.until(() => all.created().length > 0)
  // A round trip later, what was sent together with the first is there too.
  await all.client.getPartitionsForTopic('t')
  expect(all.created()).toEqual(['0'])
  first()
  await waiting
  expect(all.created()).toEqual(['0', '1'])
})
