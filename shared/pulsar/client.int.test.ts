import { beforeAll, expect, test } from 'bun:test'
import { needsPulsar } from '../../tests/support/needs-pulsar.ts'
import { pulsarStartMs, testPulsar } from '../../tests/support/pulsar.ts'
import { newNamespace } from '../../tests/support/pulsar-admin.ts'
import { type PulsarAdmin, pulsarAdmin } from './admin/admin.ts'
import { Client } from './client.ts'
import type { Message } from './consumer/message.ts'
import { earliest } from './message-id.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (message: Message) => new TextDecoder().decode(message.getData())
const numbers = (count: number) => [...Array(count).keys()]

needsPulsar('the client on a real Pulsar', () => {
  let admin: PulsarAdmin
  let serviceUrl: string

  beforeAll(async () => {
    const pulsar = await testPulsar()
    serviceUrl = pulsar.url
    admin = pulsarAdmin({ url: pulsar.adminUrl })
  }, pulsarStartMs)

  const setUp = async () => ({
    client: new Client({ serviceUrl, operationTimeoutSeconds: 20 }),
    topic: `persistent://${await newNamespace(admin)}/t`,
  })
  const shared = { subscription: 's', subscriptionType: 'Shared' } as const

  test('batches of every compression arrive with keys, properties and times', async () => {
    const { client, topic } = await setUp()
    const consumer = await client.subscribe({ topic, ...shared })
    for (const compressionType of ['None', 'LZ4', 'Zlib', 'ZSTD', 'SNAPPY'] as const) {
      const producer = await client.createProducer({ topic, compressionType })
      const sent = numbers(3).map((at) =>
        producer.send({
          data: bytesOf(`${compressionType} ${at} é😀`.repeat(20)),
          partitionKey: `k${at}`,
          properties: { at: String(at) },
          eventTimestamp: 77,
        }),
      )
      expect(
        new Set((await Promise.all(sent)).map(({ messageId }) => messageId.entryId)).size,
      ).toBe(1)
      for (const at of numbers(3)) {
        const message = await consumer.receive(10_000)
        expect(textOf(message)).toBe(`${compressionType} ${at} é😀`.repeat(20))
        expect(message.getPartitionKey()).toBe(`k${at}`)
        expect({ ...message.getProperties() }).toEqual({ at: String(at) })
        expect([message.getEventTimestamp(), message.getSequenceId()]).toEqual([77, at])
        await consumer.acknowledge(message)
      }
    }
    await client.close()
  })

  test('keys stay in order over partitions and over many Key_Shared consumers', async () => {
    const { client, topic } = await setUp()
    await admin.topics.createPartitioned(topic, 3)
    const options = { topic, subscription: 's', subscriptionType: 'KeyShared' } as const
    const consumers = await Promise.all(numbers(3).map(() => client.subscribe(options)))
    const producer = await client.createProducer({ topic, batchingType: 'KeyBasedBatching' })
    const seen = new Map<string, string[]>()
    const consumersOf = new Map<string, Set<number>>()
    let left = 300
    const reading = consumers.map(async (consumer, number) => {
      for await (const message of consumer) {
        const key = message.getPartitionKey() ?? ''
        seen.set(key, [...(seen.get(key) ?? []), textOf(message)])
        consumersOf.set(key, (consumersOf.get(key) ?? new Set()).add(number))
        await consumer.acknowledge(message)
        if (--left === 0) void Promise.all(consumers.map((one) => one.close()))
      }
    })
    const sent = numbers(300).map((at) =>
      producer.send({ data: bytesOf(String(at)), partitionKey: `key ${at % 16}` }),
    )
    await Promise.all([...sent, ...reading])
    for (const at of numbers(16))
      expect(seen.get(`key ${at}`)).toEqual(
        numbers(300)
          .filter((one) => one % 16 === at)
          .map(String),
      )
    expect([...consumersOf.values()].every((set) => set.size === 1)).toBe(true)
    await client.close()
  })

  test('with deduplication nothing is stored twice, and a new producer knows where it was', async () => {
    const { client, topic } = await setUp()
    await admin.namespaces.setDeduplication(topic.split('/').slice(2, 4).join('/'), true)
    const options = { topic, producerName: 'relay' }
    const first = await client.createProducer(options)
    await Promise.all(numbers(10).map((at) => first.send({ data: bytesOf(String(at)) })))
    await first.close()
    const second = await client.createProducer(options)
    expect(second.lastSequenceId).toBe(9)
    const sent = [8, 9, 10, 11].map((sequenceId) =>
      second.send({ data: bytesOf(String(sequenceId)), sequenceId }),
    )
    const duplicates = (await Promise.all(sent)).map(({ duplicate }) => duplicate)
    expect(duplicates).toEqual([true, true, false, false])
    const reader = await client.createReader({ topic, startMessageId: earliest })
    const stored: string[] = []
    while (await reader.hasNext()) stored.push(textOf(await reader.readNext(10_000)))
    expect(stored).toEqual(numbers(12).map(String))
    await client.close()
  })

  test('unloading the topic again and again loses, doubles and swaps nothing', async () => {
    const { client, topic } = await setUp()
    await admin.namespaces.setDeduplication(topic.split('/').slice(2, 4).join('/'), true)
    const producer = await client.createProducer({ topic, batchingMaxMessages: 5 })
    const sending = (async () => {
      const sent = []
      for (const at of numbers(600)) {
        sent.push(producer.send({ data: bytesOf(String(at)) }))
        if (at % 5 === 4) await new Promise((resolve) => setTimeout(resolve, 2))
        if (at % 200 === 100) await admin.topics.unload(topic)
      }
      await Promise.all(sent)
    })()
    await sending
    const reader = await client.createReader({ topic, startMessageId: earliest })
    const stored: string[] = []
    while (await reader.hasNext()) stored.push(textOf(await reader.readNext(10_000)))
    expect(stored).toEqual(numbers(600).map(String))
    await client.close()
  })

  test('a fencing producer takes over and the old one hears of it with its next message', async () => {
    const { client, topic } = await setUp()
    const other = new Client({ serviceUrl, operationTimeoutSeconds: 20 })
    let fenced = 0
    const options = { topic, accessMode: 'ExclusiveWithFencing' } as const
    const old = await client.createProducer({ ...options, onFenced: () => void fenced++ })
    const leader = await other.createProducer(options)
    expect(leader.topicEpoch).toBe((old.topicEpoch ?? 0) + 1)
    await expect(old.send({ data: bytesOf('late') })).rejects.toMatchObject({
      code: 'producer-fenced',
    })
    expect(fenced).toBe(1)
    expect((await leader.send({ data: bytesOf('mine') })).duplicate).toBe(false)
    await Promise.all([client.close(), other.close()])
  })

  test('what was acknowledged within a batch does not come again, the rest does', async () => {
    const { client, topic } = await setUp()
    const options = { topic, ...shared, batchIndexAckEnabled: true }
    const first = await client.subscribe(options)
    const producer = await client.createProducer({ topic })
    await Promise.all(numbers(10).map((at) => producer.send({ data: bytesOf(String(at)) })))
    const messages = await first.batchReceive(10, 10_000)
    await Promise.all([1, 3, 9].map((at) => first.acknowledge(messages[at]!)))
    await first.close()
    const second = await client.subscribe(options)
    const again = (await second.batchReceive(10, 10_000)).map(textOf)
    expect(again).toEqual(['0', '2', '4', '5', '6', '7', '8'])
    await client.close()
  })

  test('what is refused comes again, counted', async () => {
    const { client, topic } = await setUp()
    const consumer = await client.subscribe({ topic, ...shared, nAckRedeliverTimeoutMs: 50 })
    const producer = await client.createProducer({ topic, batchingEnabled: false })
    await producer.send({ data: bytesOf('a') })
    for (const count of [0, 1, 2]) {
      const message = await consumer.receive(10_000)
      expect([textOf(message), message.getRedeliveryCount()]).toEqual(['a', count])
      if (count < 2) consumer.negativeAcknowledge(message)
      else await consumer.acknowledge(message)
    }
    await client.close()
  })

  test('seeking goes back to a message within a batch, and to a time', async () => {
    const { client, topic } = await setUp()
    const consumer = await client.subscribe({ topic, ...shared })
    const producer = await client.createProducer({ topic })
    await Promise.all(numbers(4).map((at) => producer.send({ data: bytesOf(String(at)) })))
    const messages = await consumer.batchReceive(4, 10_000)
    await Promise.all(messages.map((message) => consumer.acknowledge(message)))
    await consumer.seek(messages[2]!.getMessageId())
    expect((await consumer.batchReceive(4, 10_000)).map(textOf)).toEqual(['2', '3'])
    await consumer.seekTimestamp(0)
    expect((await consumer.batchReceive(4, 10_000)).map(textOf)).toEqual(['0', '1', '2', '3'])
    await client.close()
  })

  test('a message larger than the broker takes travels in chunks', async () => {
    const { client, topic } = await setUp()
    const consumer = await client.subscribe({ topic, ...shared })
    const producer = await client.createProducer({
      topic,
      batchingEnabled: false,
      chunkingEnabled: true,
    })
    const data = Uint8Array.from({ length: 11_000_000 }, (_, at) => at * 13)
    await producer.send({ data })
    const message = await consumer.receive(20_000)
    expect(Buffer.from(message.getData()).equals(data)).toBe(true)
    await consumer.acknowledge(message)
    await client.close()
  })

  test('a hundred subscriptions come and go and leave no consumer behind', async () => {
    const { client, topic } = await setUp()
    for (const at of numbers(100)) {
      const consumer = await client.subscribe({ topic, ...shared, consumerName: `c${at}` })
      await consumer.close()
    }
    const { subscriptions } = await admin.topics.stats(topic)
    expect(subscriptions['s']?.consumers).toEqual([])
    await client.close()
  })
})
