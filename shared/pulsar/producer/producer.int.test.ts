import { beforeAll, expect, test } from 'bun:test'
import { needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { pulsarStartMs, testPulsar } from '../../../tests/support/pulsar.ts'
import { newNamespace } from '../../../tests/support/pulsar-admin.ts'
import { type PulsarAdmin, pulsarAdmin } from '../admin/admin.ts'
import { Client } from '../client.ts'
import { bytesOf, numbers, publishersOf, storedTexts } from '../testing/real-setup.ts'
import type { ProducerOptions } from './options.ts'

needsPulsar('a producer on a real Pulsar', () => {
  let admin: PulsarAdmin
  let serviceUrl: string
  let namespace: string
  let topics = 0

  beforeAll(async () => {
    const pulsar = await testPulsar()
    serviceUrl = pulsar.url
    admin = pulsarAdmin({ url: pulsar.adminUrl })
    namespace = await newNamespace(admin)
    await admin.namespaces.setDeduplication(namespace, true)
  }, pulsarStartMs)

  const setUp = () => ({
    client: new Client({ serviceUrl, partitionsUpdateIntervalSeconds: 0.1 }),
    topic: `persistent://${namespace}/t${topics++}`,
  })

  test('of exclusive producers one is in, others are refused or wait for their turn', async () => {
    const { client, topic } = setUp()
    const create = (accessMode: ProducerOptions['accessMode']) =>
      client.createProducer({ topic, accessMode })
    const first = await create('Exclusive')
    const refused = { code: 'producer-fenced', retriable: false }
    await expect(create('Exclusive')).rejects.toMatchObject(refused)
    await expect(create('Shared')).rejects.toMatchObject({ code: 'producer-busy' })
    const waiting = create('WaitForExclusive')
    const isIn = waiting.then(() => 'in')
    await first.send({ data: bytesOf('first') })
    expect(await Promise.race([isIn, 'waits'])).toBe('waits')
    await first.close()
    const second = await waiting
    expect(second.topicEpoch).toBe((first.topicEpoch ?? 0) + 1)
    await second.send({ data: bytesOf('second') })
    expect(await storedTexts(client, topic)).toEqual(['first', 'second'])
    await client.close()
  })

  test('a topic that moves while a producer waits for its turn does not make it wait for ever', async () => {
    const { client, topic } = setUp()
    const first = await client.createProducer({ topic, accessMode: 'Exclusive' })
    const waiting = client.createProducer({ topic, accessMode: 'WaitForExclusive' })
    await first.send({ data: bytesOf('first') })
    await admin.topics.unload(topic)
    await first.close()
    const second = await waiting
    await second.send({ data: bytesOf('second') })
    expect(await storedTexts(client, topic)).toEqual(['first', 'second'])
    await client.close()
  })

  test('a name is of one live producer, seen by the broker with its properties, and free again afterwards', async () => {
    const { client, topic } = setUp()
    const options = { topic, producerName: 'relay', properties: { at: 'home' } }
    const first = await client.createProducer(options)
    expect(await publishersOf(admin, topic)).toMatchObject([
      { producerName: 'relay', metadata: { at: 'home' } },
    ])
    await expect(client.createProducer(options)).rejects.toMatchObject({
      code: 'producer-busy',
      retriable: false,
    })
    await first.close()
    expect((await client.createProducer(options)).getProducerName()).toBe('relay')
    await client.close()
  })

  test('a delayed message comes after one that was sent later', async () => {
    const { client, topic } = setUp()
    const options = { topic, subscription: 's', subscriptionType: 'Shared' } as const
    const consumer = await client.subscribe(options)
    const producer = await client.createProducer({ topic })
    await producer.send({ data: bytesOf('after'), deliverAfter: 2_000 })
    await producer.send({ data: bytesOf('at'), deliverAt: Date.now() + 2_000 })
    await producer.send({ data: bytesOf('now') })
    const received: string[] = []
    while (received.length < 3)
      received.push(new TextDecoder().decode((await consumer.receive(10_000)).getData()))
    expect([received[0], received.slice(1).sort()]).toEqual(['now', ['after', 'at']])
    await client.close()
  })

  test('keys, the turn of each partition and a router of ones own choose among partitions', async () => {
    const { client, topic } = setUp()
    await admin.topics.createPartitioned(topic, 3)
    const partitions = async (options: Partial<ProducerOptions>, keys: (string | undefined)[]) => {
      const producer = await client.createProducer({ topic, batchingEnabled: false, ...options })
      const sent = keys.map((partitionKey) => producer.send({ data: bytesOf('m'), partitionKey }))
      const found = (await Promise.all(sent)).map(({ messageId }) => messageId.partition)
      await producer.close()
      return found
    }
    const keyless = [undefined, undefined, undefined, undefined]
    const keys = ['hello', 'hello, world', 'hello']
    expect(await partitions({}, keys)).toEqual([0x248bfa47 % 3, 0x149bbb7f % 3, 0x248bfa47 % 3])
    // Of String.hashCode: 97, 98, 0 and 99,162,322.
    const javaKeys = ['a', 'b', 'polygenelubricants', 'hello']
    expect(await partitions({ hashingScheme: 'JavaStringHash' }, javaKeys)).toEqual([1, 2, 0, 1])
    expect(await partitions({}, keyless)).toEqual([0, 1, 2, 0])
    expect(await partitions({ messageRouter: () => 2 }, [...keys, ...keyless])).toEqual(
      Array(7).fill(2),
    )
    const single = await partitions({ messageRoutingMode: 'UseSinglePartition' }, keyless)
    expect(new Set(single).size).toBe(1)
    await client.close()
  })

  test('partitions that a topic gets later are used without a new producer', async () => {
    const { client, topic } = setUp()
    await admin.topics.createPartitioned(topic, 1)
    const producer = await client.createProducer({ topic, batchingEnabled: false })
    expect(await client.getPartitionsForTopic(topic)).toEqual([`${topic}-partition-0`])
    await admin.topics.updatePartitions(topic, 2)
    let partition = 0
    while (partition === 0)
      partition = (await producer.send({ data: bytesOf('m') })).messageId.partition
    expect(partition).toBe(1)
    await client.close()
  })

  test('a full queue refuses with a typed error, or lets in one after the other, in order', async () => {
    const { client, topic } = setUp()
    const hasty = await client.createProducer({ topic, maxPendingMessages: 3 })
    const outcomes = await Promise.allSettled(
      numbers(5).map((at) => hasty.send({ data: bytesOf(`hasty ${at}`) })),
    )
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...Array(3).fill('fulfilled'),
      ...Array(2).fill('rejected'),
    ])
    expect(outcomes[4]).toMatchObject({ reason: { code: 'queue-full', retriable: true } })
    const limits = { maxPendingMessages: 3, blockIfQueueFull: true }
    const patient = await client.createProducer({ topic, ...limits })
    await Promise.all(numbers(20).map((at) => patient.send({ data: bytesOf(String(at)) })))
    expect(patient.stats()).toEqual({ pending: 0, sent: 20, failed: 0 })
    expect((await storedTexts(client, topic)).slice(3)).toEqual(numbers(20).map(String))
    await client.close()
  })

  test('the largest message the broker takes is stored, one byte more is refused, and nothing breaks', async () => {
    const { client, topic } = setUp()
    const producer = await client.createProducer({ topic, producerName: 'p' })
    const size = async (bytes: number) =>
      producer.send({ data: new Uint8Array(bytes) }).then(
        () => 'stored',
        ({ message }: Error) => Number(/than the (\d+) the broker/.exec(message)?.[1]),
      )
    const room = Number(await size(5 * 1024 * 1024))
    expect(room).toBeGreaterThan(5 * 1024 * 1024 - 100)
    expect(await size(room)).toBe('stored')
    expect(await size(room + 1)).toBe(room)
    expect(await size(12 * 1024 * 1024)).toBe(5 * 1024 * 1024)
    const [publisher] = await publishersOf(admin, topic)
    await producer.send({ data: bytesOf('small') })
    expect((await publishersOf(admin, topic))[0]).toMatchObject({ address: publisher?.address })
    await client.close()
  }, 20_000)

  test('chunks of one message are stored once and together, among others, where the broker deduplicates', async () => {
    const { client, topic } = setUp()
    const options = {
      batchingEnabled: false,
      chunkingEnabled: true,
      compressionType: 'LZ4',
    } as const
    const consumer = await client.subscribe({ topic, subscription: 's' })
    const producer = await client.createProducer({ topic, ...options })
    const noise = Uint8Array.from({ length: 6_000_000 }, () => Math.random() * 256)
    const payloads = [bytesOf('before'), noise, bytesOf('after')]
    const sent = await Promise.all(payloads.map((data) => producer.send({ data })))
    expect(sent.map(({ sequenceId, duplicate }) => [sequenceId, duplicate])).toEqual([
      [0, false],
      [1, false],
      [2, false],
    ])
    for (const data of payloads)
      expect(Buffer.from((await consumer.receive(10_000)).getData()).equals(data)).toBe(true)
    await client.close()
  }, 20_000)

  test('an id that does not ascend is refused here, and takes no other message with it', async () => {
    const { client, topic } = setUp()
    const producer = await client.createProducer({ topic, batchingEnabled: false })
    const outcomes = await Promise.allSettled(
      [20, 18, 21].map((sequenceId) =>
        producer.send({ data: bytesOf(`${sequenceId}`), sequenceId }),
      ),
    )
    expect(outcomes[1]).toMatchObject({ reason: { code: 'sequence-not-ascending' } })
    expect(await storedTexts(client, topic)).toEqual(['20', '21'])
    expect(producer.lastSequenceId).toBe(21)
    await client.close()
  })

  test('a subscription made with the producer keeps what is sent before anybody subscribes', async () => {
    const { client, topic } = setUp()
    const options = { topic, initialSubscriptionName: 'later' }
    const producer = await client.createProducer(options)
    await producer.send({ data: bytesOf('kept'), orderingKey: bytesOf('o'), partitionKey: 'k' })
    const consumer = await client.subscribe({ topic, subscription: 'later' })
    const message = await consumer.receive(10_000)
    expect(new TextDecoder().decode(message.getData())).toBe('kept')
    expect(message.getOrderingKey()).toEqual(bytesOf('o'))
    expect([message.getPartitionKey(), message.getProducerName()]).toEqual([
      'k',
      producer.getProducerName(),
    ])
    await client.close()
  })
})
