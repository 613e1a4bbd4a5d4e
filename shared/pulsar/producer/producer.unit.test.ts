import { expect, test } from 'bun:test'
import { Client } from '../client.ts'
import { fakeBroker } from '../testing/fake-broker.ts'
import { ids, message, requests, setUp, storing, type Stored } from '../testing/producer-setup.ts'
import type { Body } from '../wire/commands.ts'

test('what one turn of the event loop sends is one entry, and each message has its own id', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored))
  const sent = await Promise.all([1, 2, 3].map(() => all.producer.send(message())))
  expect(stored).toHaveLength(1)
  expect(stored[0]!.entry!.metadata).toMatchObject({ messagesInBatch: 3, highestSequenceId: 2 })
  expect(sent.map(({ sequenceId, messageId }) => [sequenceId, messageId.batchIndex])).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ])
})

test('a batch is sent when it has enough messages or bytes', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored), {
    batchingMaxMessages: 2,
    batchingMaxAllowedSizeInBytes: 25,
  })
  await Promise.all([1, 2, 3].map(() => all.producer.send(message())))
  await Promise.all([1, 2].map(() => all.producer.send(message({ data: new Uint8Array(20) }))))
  expect(ids(stored)).toEqual([
    [0, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ])
})

test('without batching every message is an entry', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored), { batchingEnabled: false })
  await Promise.all([1, 2, 3].map(() => all.producer.send(message())))
  expect(stored).toHaveLength(3)
})

test('key-based batches hold one key each, and their ids ascend from batch to batch', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored), { batchingType: 'KeyBasedBatching' })
  const keys = ['a', 'b', 'a', 'b', 'a']
  await Promise.all(keys.map((partitionKey) => all.producer.send(message({ partitionKey }))))
  expect(stored.map(({ entry }) => entry!.metadata.partitionKey)).toEqual(['a', 'b'])
  expect(ids(stored)).toEqual([
    [0, 2],
    [3, 4],
  ])
})

test('ids the caller chose ascend from entry to entry in key-based batches too', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored), { batchingType: 'KeyBasedBatching' })
  const sent = ['a', 'a', 'b', 'a'].map((partitionKey, at) =>
    all.producer.send(message({ partitionKey, sequenceId: 10 + at })),
  )
  await Promise.all(sent)
  expect(ids(stored)).toEqual([
    [10, 11],
    [12, 12],
    [13, 13],
  ])
})

test('a delayed message is an entry of its own, between the others', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored))
  await Promise.all([{}, { deliverAt: 99 }, {}, {}].map((m) => all.producer.send(message(m))))
  expect(stored.map(({ entry }) => entry!.metadata.deliverAt)).toEqual([undefined, 99, undefined])
})

test('what the broker stored already is a duplicate and takes no newer message with it', async () => {
  const stored: Stored[] = []
  await using all = await setUp({
    ...storing(stored),
    producer: (session, { requestId }) =>
      session.tell('producerSuccess', { requestId, producerName: 'p', lastSequenceId: 9 }),
  })
  const sent = await Promise.all(
    [8, 9, 10, 11].map((sequenceId) => all.producer.send(message({ sequenceId }))),
  )
  expect(sent.map(({ duplicate }) => duplicate)).toEqual([true, true, false, false])
  expect(ids(stored)).toEqual([[10, 11]])
  expect((await all.producer.send(message())).sequenceId).toBe(12)
})

test('an id that does not ascend is refused and the others are not', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored))
  const [first, again, next] = await Promise.allSettled(
    [5, 5, 6].map((sequenceId) => all.producer.send(message({ sequenceId }))),
  )
  expect(first!.status).toBe('fulfilled')
  expect(again).toMatchObject({ reason: { code: 'sequence-not-ascending', retriable: false } })
  expect(next!.status).toBe('fulfilled')
})

test('a message too large fails at once, alone, and the connection lives on', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored))
  const sizes = [10, 2_000, 10]
  const sent = await Promise.allSettled(
    sizes.map((size) => all.producer.send(message({ data: new Uint8Array(size) }))),
  )
  expect(sent.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(sent[1]).toMatchObject({ reason: { code: 'message-too-big' } })
  expect(requests(all.broker, 'connect')).toHaveLength(1)
})

test('messages that fit alone but not together become entries of their own', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored))
  await Promise.all([1, 2].map(() => all.producer.send(message({ data: new Uint8Array(600) }))))
  expect(stored).toHaveLength(2)
})

test('a large message is cut into chunks that fit and resolves with the last', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored), { batchingEnabled: false, chunkingEnabled: true })
  const data = Uint8Array.from({ length: 3_000 }, (_, at) => at)
  const { messageId } = await all.producer.send(message({ data }))
  const parts = stored.map(({ entry }) => entry!)
  expect(Buffer.concat(parts.map(({ payload }) => payload)).equals(data)).toBe(true)
  expect(parts.map(({ metadata }) => metadata.chunkId)).toEqual(parts.map((_, at) => at))
  expect(parts.every(({ metadata }) => metadata.chunks === parts.length)).toBe(true)
  expect(stored.every(({ send }) => send.isChunk && send.sequenceId === 0)).toBe(true)
  expect(messageId.entryId).toBe(parts.length - 1)
})

test('a partitioned topic gets a producer a partition, and a key always the same one', async () => {
  const stored: Stored[] = []
  await using all = await setUp({
    ...storing(stored),
    partitionMetadata: (session, { requestId }) =>
      session.tell('partitionMetadataResponse', { requestId, partitions: 3 }),
  })
  expect(
    (requests(all.broker, 'producer') as Body<'producer'>[]).map(({ topic }) => topic),
  ).toEqual([0, 1, 2].map((at) => `persistent://public/default/t-partition-${at}`))
  const partitionsFor = async (partitionKey: string) => {
    const one = async () => (await all.producer.send(message({ partitionKey }))).messageId.partition
    return new Set([await one(), await one()])
  }
  expect(await partitionsFor('hello')).toEqual(new Set([0x248bfa47 % 3]))
  expect(await partitionsFor('')).toEqual(new Set([0]))
})

test('when one partition cannot be had, what was created is closed again', async () => {
  const broker = await fakeBroker({
    partitionMetadata: (session, { requestId }) =>
      session.tell('partitionMetadataResponse', { requestId, partitions: 2 }),
    producer: (session, { requestId, topic }) =>
      topic.endsWith('-0')
        ? session.tell('producerSuccess', { requestId, producerName: 'p' })
        : session.tell('error', { requestId, error: 4, message: 'no' }),
  })
  const client = new Client({ serviceUrl: broker.url })
  await expect(client.createProducer({ topic: 't' })).rejects.toMatchObject({
    code: 'authorization',
  })
  expect(requests(broker, 'closeProducer')).toHaveLength(1)
  await client.close()
  await broker[Symbol.asyncDispose]()
})

test('chunking with batching is refused', async () => {
  const client = new Client({ serviceUrl: 'pulsar://127.0.0.1:1' })
  await expect(client.createProducer({ topic: 't', chunkingEnabled: true })).rejects.toMatchObject({
    code: 'invalid-argument',
  })
  await client.close()
})
