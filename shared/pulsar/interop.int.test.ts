import { expect, test } from 'bun:test'
import { afterPython, beforePython, needsPython } from '../../tests/support/needs-python.ts'
import { testPulsar } from '../../tests/support/pulsar.ts'
import { newNamespace } from '../../tests/support/pulsar-admin.ts'
import {
  type PythonClient,
  pythonClient,
  type PythonSchema,
} from '../../tests/support/python-client.ts'
import { until } from '../../tests/support/until.ts'
import { type PulsarAdmin, pulsarAdmin } from './admin/admin.ts'
import { Client } from './client.ts'
import type { Consumer } from './consumer/consumer.ts'
import type { Message } from './consumer/message.ts'
import { Schema } from './schema/schema.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const base64Of = (text: string) => Buffer.from(text).toString('base64')
const numbers = (count: number) => [...Array(count).keys()]
/** Ours, and what Python calls it. */
const compressions = {
  None: 'NONE',
  LZ4: 'LZ4',
  Zlib: 'ZLib',
  ZSTD: 'ZSTD',
  SNAPPY: 'SNAPPY',
} as const
const ourCompressions = Object.keys(compressions) as (keyof typeof compressions)[]
const keys = numbers(40).map((at) => `clave ñ ${at * 7_919}`)

needsPython('beside the official C++ client', () => {
  let admin: PulsarAdmin
  let client: Client
  let python: PythonClient
  let namespace: string
  let topics = 0

  beforePython(async () => {
    const { url, adminUrl } = await testPulsar()
    admin = pulsarAdmin({ url: adminUrl })
    client = new Client({ serviceUrl: url, operationTimeoutSeconds: 20 })
    namespace = await newNamespace(admin)
    python = await pythonClient(url)
  })
  afterPython(async () => {
    await client.close()
    await python[Symbol.asyncDispose]()
  })

  const newTopic = () => `persistent://${namespace}/t${++topics}`
  const early = { subscription: 'ours', subscriptionInitialPosition: 'Earliest' } as const

  const receive = async <T>(consumer: Consumer<T>, count: number): Promise<Message<T>[]> => {
    const messages: Message<T>[] = []
    while (messages.length < count) {
      const message = await consumer.receive(10_000)
      messages.push(message)
      await consumer.acknowledge(message)
    }
    return messages
  }

  test('it reads our batches, single messages, keys, properties, times and every compression', async () => {
    const topic = newTopic()
    const consumer = await python.consume(topic)
    for (const compressionType of ourCompressions)
      for (const batchingEnabled of [true, false]) {
        const producer = await client.createProducer({ topic, compressionType, batchingEnabled })
        const sent = numbers(2).map((at) =>
          producer.send({
            data: bytesOf(`${compressionType} ${at} é😀`.repeat(50)),
            partitionKey: `clave ${at}`,
            properties: { compressionType },
            eventTimestamp: 77,
          }),
        )
        await Promise.all(sent)
      }
    const expected = ourCompressions.flatMap((compressionType) =>
      [0, -1].flatMap((batch) =>
        numbers(2).map((at) => ({
          value: base64Of(`${compressionType} ${at} é😀`.repeat(50)),
          key: `clave ${at}`,
          properties: { compressionType },
          eventTime: 77,
          partition: -1,
          batchIndex: batch < 0 ? -1 : at,
        })),
      ),
    )
    expect(await consumer.received(expected.length)).toEqual(expected)
  })

  test('we read its batches, single messages, keys, properties, times and every compression', async () => {
    const topic = newTopic()
    const consumer = await client.subscribe({ topic, ...early })
    for (const compression of ourCompressions)
      for (const batching_enabled of [true, false]) {
        const producer = await python.produce(topic, {
          compression: compressions[compression],
          batching_enabled,
        })
        const messages = numbers(2).map((at) => ({
          value: base64Of(`${compression} ${at} é😀`.repeat(50)),
          partition_key: `clave ${at}`,
          properties: { compression },
          event_timestamp: 77,
        }))
        await producer.send(messages)
      }
    const received = await receive(consumer, ourCompressions.length * 4)
    for (const [at, message] of received.entries()) {
      const compression = ourCompressions[at >> 2]!
      const number = at & 1
      const text = new TextDecoder().decode(message.getData())
      expect(text).toBe(`${compression} ${number} é😀`.repeat(50))
      expect(message.getPartitionKey()).toBe(`clave ${number}`)
      expect({ ...message.getProperties() }).toEqual({ compression })
      expect(message.getEventTimestamp()).toBe(77)
      expect(message.getMessageId().batchIndex).toBe((at & 2) === 0 ? number : -1)
    }
  })

  test('messages too large for one entry go both ways in chunks', async () => {
    const topic = newTopic()
    const data = crypto.getRandomValues(Buffer.alloc(60_000)).toString('hex').repeat(48)
    const theirs = await python.consume(topic)
    const ours = await client.subscribe({ topic, ...early })
    const producer = await client.createProducer({
      topic,
      chunkingEnabled: true,
      batchingEnabled: false,
    })
    await producer.send({ data: bytesOf(data) })
    const other = await python.produce(topic, { chunking_enabled: true })
    await other.send([{ value: base64Of(data) }])
    for (const { value } of await theirs.received(2)) expect(value === base64Of(data)).toBe(true)
    for (const message of await receive(ours, 2))
      expect(Buffer.from(message.getData()).toString() === data).toBe(true)
  }, 20_000)

  test('texts, JSON and Avro go both ways, with the schema either of us has registered', async () => {
    const definition = JSON.stringify({
      type: 'record',
      name: 'Order',
      fields: [
        { name: 'id', type: ['null', 'string'] },
        { name: 'total', type: ['null', 'long'] },
      ],
    })
    const orders = [
      { id: 'ñ', total: 2 ** 40 },
      { id: null, total: null },
    ]
    const cases = [
      { schema: Schema.string(), python: 'string', values: ['vuelo ✈', ''] },
      { schema: Schema.json(definition), python: 'order as json', values: orders },
      { schema: Schema.avro(definition), python: 'order as avro', values: orders },
      { schema: Schema.avro(definition), python: JSON.parse(definition) as object, values: orders },
    ] as readonly {
      schema: Schema<unknown>
      python: PythonSchema
      values: readonly unknown[]
    }[]
    for (const { schema, python: name, values } of cases)
      for (const weAreFirst of [true, false]) {
        const topic = newTopic()
        const first = weAreFirst && (await client.createProducer({ topic, schema }))
        const theirs = await python.consume(topic, { schema: name })
        const other = await python.produce(topic, { schema: name })
        const ours = await client.subscribe({ topic, ...early, schema })
        const producer = first || (await client.createProducer({ topic, schema }))
        await Promise.all(values.map((value) => producer.send({ value })))
        await other.send(values.map((value) => ({ value })))
        const got = await theirs.received(values.length * 2)
        expect(got.map(({ value }) => value)).toEqual([...values, ...values])
        const messages = await receive(ours, values.length * 2)
        const read = await Promise.all(messages.map((message) => message.getValue()))
        expect(read).toEqual([...values, ...values])
      }
  }, 20_000)

  test('a key goes to the same partition from both, by Murmur3', async () => {
    const topic = newTopic()
    await admin.topics.createPartitioned(topic, 4)
    const consumer = await python.consume(topic)
    const producer = await client.createProducer({ topic, hashingScheme: 'Murmur3_32Hash' })
    await Promise.all(
      keys.map((partitionKey) => producer.send({ data: bytesOf('ours'), partitionKey })),
    )
    const other = await python.produce(topic, { murmur: true })
    await other.send(keys.map((key) => ({ value: base64Of('theirs'), partition_key: key })))
    const partitions = new Map<string, Set<number>>()
    for (const { key, partition } of await consumer.received(keys.length * 2))
      partitions.set(key, (partitions.get(key) ?? new Set()).add(partition))
    expect([...partitions.keys()].toSorted()).toEqual(keys.toSorted())
    expect([...partitions.values()].every(({ size }) => size === 1)).toBe(true)
    expect(new Set([...partitions.values()].flatMap((set) => [...set])).size).toBe(4)
  })

  test('in one Key_Shared subscription each key goes to one of us, in order', async () => {
    const topic = newTopic()
    const subscription = 'both'
    const theirs = await python.consume(topic, { subscription, type: 'KeyShared' })
    const ours = await client.subscribe({ topic, subscription, subscriptionType: 'KeyShared' })
    const received: { key: string; text: string }[] = []
    const reading = (async () => {
      for await (const message of ours) {
        const text = new TextDecoder().decode(message.getData())
        received.push({ key: message.getPartitionKey() ?? '', text })
        await ours.acknowledge(message)
      }
    })()
    const producer = await client.createProducer({ topic, batchingType: 'KeyBasedBatching' })
    const other = await python.produce(topic, { batching_enabled: true, key_based: true })
    const rounds = numbers(3)
    for (const round of rounds) {
      const key = (at: number) => `${round % 2} ${keys[at]}`
      await Promise.all(
        keys.map((_, at) =>
          producer.send({ data: bytesOf(`ours ${round}`), partitionKey: key(at) }),
        ),
      )
      const values = keys.map((_, at) => ({
        value: base64Of(`theirs ${round}`),
        partition_key: key(at),
      }))
      await other.send(values)
    }
    const total = rounds.length * keys.length * 2
    await until(() => received.length + theirs.messages.length >= total)
    await ours.close()
    await reading
    const their = theirs.messages.map(({ key, value }) => ({
      key,
      text: Buffer.from(String(value), 'base64').toString(),
    }))
    const textsOf = (messages: readonly { key: string; text: string }[]) =>
      Object.entries(Object.groupBy(messages, ({ key }) => key)).map(
        ([key, of = []]) => [key, of.map(({ text }) => text)] as const,
      )
    const byKey = new Map([...textsOf(received), ...textsOf(their)])
    expect(received.length * their.length).toBeGreaterThan(0)
    expect(textsOf(received).length + textsOf(their).length).toBe(keys.length * 2)
    for (const [key, texts] of byKey) {
      const own = rounds.filter((round) => key.startsWith(`${round % 2} `))
      expect(texts).toEqual(own.flatMap((round) => [`ours ${round}`, `theirs ${round}`]))
    }
  })
})
