import { expect, test } from 'bun:test'
import { afterPulsar, beforePulsar, needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { testPulsar } from '../../../tests/support/pulsar.ts'
import { newNamespace } from '../../../tests/support/pulsar-admin.ts'
import { until } from '../../../tests/support/until.ts'
import { type PulsarAdmin, pulsarAdmin } from '../admin/admin.ts'
import { Client } from '../client.ts'
import { PulsarError } from '../errors.ts'
import { Schema } from './schema.ts'

interface Order {
  readonly id: string
  readonly total?: number | null
}

const id = { name: 'id', type: 'string' }
const total = { name: 'total', type: ['null', 'long'], default: null }
const record = (...fields: object[]) => ({ type: 'record', name: 'Order', fields })
const plainOrder = Schema.avro<Order>(record(id))
const pricedOrder = Schema.avro<Order>(record(id, total))

const refusal = async (attempt: Promise<unknown>) => {
  try {
    await attempt
    return undefined
  } catch (error) {
    if (error instanceof PulsarError) return { code: error.code, retriable: error.retriable }
    throw error
  }
}

needsPulsar('schemas of the client on a real Pulsar', () => {
  let admin: PulsarAdmin
  let client: Client
  let namespace: string
  let topics = 0

  beforePulsar(async () => {
    const { url, adminUrl } = await testPulsar()
    admin = pulsarAdmin({ url: adminUrl })
    client = new Client({ serviceUrl: url, operationTimeoutSeconds: 20 })
    namespace = await newNamespace(admin)
  })
  afterPulsar(() => client.close())

  const newTopic = () => `persistent://${namespace}/t${++topics}`
  const subscription = { subscription: 's', subscriptionInitialPosition: 'Earliest' } as const

  /** What a consumer makes of values that a producer of the same schema has sent. */
  const exchange = async <T>(schema: Schema<T>, values: readonly T[]) => {
    const topic = newTopic()
    const consumer = await client.subscribe({ topic, ...subscription, schema })
    const producer = await client.createProducer({ topic, schema })
    await Promise.all(values.map((value) => producer.send({ value })))
    const received: T[] = []
    while (received.length < values.length) {
      const message = await consumer.receive(10_000)
      received.push(await message.getValue())
      await consumer.acknowledge(message)
    }
    return { received, topic }
  }

  test('texts, JSON, Avro and pairs are registered with their topics and come back', async () => {
    const orders: Order[] = [
      { id: 'a', total: 5 },
      { id: 'b', total: null },
    ]
    const cases = [
      { type: 'STRING', schema: Schema.string(), values: ['vuelo ✈', ''] },
      { type: 'JSON', schema: Schema.json<Order>(record(id, total)), values: orders },
      { type: 'AVRO', schema: pricedOrder, values: orders },
      {
        type: 'KEY_VALUE',
        schema: Schema.keyValue(Schema.string(), pricedOrder),
        values: orders.map((value) => ({ key: value.id, value })),
      },
    ] as readonly { type: string; schema: Schema<unknown>; values: readonly unknown[] }[]
    for (const { type, schema, values } of cases) {
      const { received, topic } = await exchange(schema, values)
      expect(received).toEqual([...values])
      expect(await admin.schemas.get(topic)).toMatchObject({ version: 0, type })
    }
  })

  test('the key of a separated pair is the key of its message', async () => {
    const topic = newTopic()
    const schema = Schema.keyValue(Schema.string(), pricedOrder, 'SEPARATED')
    const consumer = await client.subscribe({ topic, ...subscription, schema })
    const producer = await client.createProducer({ topic, schema })
    const pair = { key: 'ñandú', value: { id: 'a', total: 1 } }
    await Promise.all([producer.send({ value: pair }), producer.send({ value: pair })])
    for (const _ of ['in a batch', 'of two']) {
      const message = await consumer.receive(10_000)
      expect(await message.getValue()).toEqual(pair)
      expect(Buffer.from(message.getPartitionKey()!, 'base64').toString()).toBe('ñandú')
    }
  })

  test('each message is read by the version it was written with, by old and new consumers', async () => {
    const topic = newTopic()
    const old = await client.createProducer({ topic, schema: plainOrder })
    await old.send({ value: { id: 'old' } })
    const reader = await client.subscribe({ topic, ...subscription, schema: plainOrder })
    const renewed = await client.createProducer({ topic, schema: pricedOrder })
    await renewed.send({ value: { id: 'new', total: 7 } })
    await old.send({ value: { id: 'old again' } })
    const newReader = await client.subscribe({
      topic,
      ...subscription,
      subscription: 'new',
      schema: pricedOrder,
    })
    const auto = await client.subscribe({
      topic,
      ...subscription,
      subscription: 'auto',
      schema: Schema.autoConsume(),
    })
    const read = async (consumer: { receive: typeof auto.receive }) => {
      const found: unknown[] = []
      while (found.length < 3) {
        const message = await consumer.receive(10_000)
        found.push([message.getSchemaVersion(), await message.getValue()])
      }
      return found
    }
    expect(await read(reader)).toEqual([
      [0, { id: 'old' }],
      [1, { id: 'new' }],
      [0, { id: 'old again' }],
    ])
    expect(await read(newReader)).toEqual([
      [0, { id: 'old', total: null }],
      [1, { id: 'new', total: 7 }],
      [0, { id: 'old again', total: null }],
    ])
    expect(await read(auto)).toEqual([
      [0, { id: 'old' }],
      [1, { id: 'new', total: 7 }],
      [0, { id: 'old again' }],
    ])
  })

  test('a letter keeps the version its message was written with', async () => {
    const topic = newTopic()
    const old = await client.createProducer({ topic, schema: plainOrder })
    await old.send({ value: { id: 'old' } })
    const options = { topic, ...subscription, schema: pricedOrder, retryEnable: true } as const
    const consumer = await client.subscribe({ ...options, subscriptionType: 'Shared' })
    const message = await consumer.receive(10_000)
    await consumer.reconsumeLater(message, 0)
    const letter = await consumer.receive(10_000)
    expect(letter.getTopicName()).toEndWith('-RETRY')
    expect(await letter.getValue()).toEqual({ id: 'old', total: null })
  })

  test('a dead letter is stored although its topic has another schema', async () => {
    const [topic, deadLetterTopic] = [newTopic(), newTopic()]
    await client.createProducer({ topic: deadLetterTopic, schema: Schema.string() })
    const producer = await client.createProducer({ topic, schema: plainOrder })
    const consumer = await client.subscribe({
      topic,
      ...subscription,
      subscriptionType: 'Shared',
      retryEnable: true,
      deadLetterPolicy: { maxRedeliverCount: 1, deadLetterTopic },
    })
    const letters = await client.subscribe({ topic: deadLetterTopic, ...subscription })
    await producer.send({ value: { id: 'a' } })
    for (const _ of ['again', 'given up'])
      await consumer.reconsumeLater(await consumer.receive(10_000), 0)
    const letter = await letters.receive(10_000)
    expect([...letter.getData()]).toEqual([2, 97])
  })

  test('a schema the topic does not allow is refused for good, to producers and consumers', async () => {
    const topic = newTopic()
    await client.createProducer({ topic, schema: plainOrder })
    const other = Schema.avro<object>(record({ name: 'id', type: 'long' }))
    const forGood = { code: 'incompatible-schema', retriable: false } as const
    expect(await refusal(client.createProducer({ topic, schema: other }))).toMatchObject(forGood)
    expect(
      await refusal(client.subscribe({ topic, subscription: 's', schema: other })),
    ).toMatchObject(forGood)
    expect(
      await refusal(client.createProducer({ topic, schema: Schema.json(record(id)) })),
    ).toEqual(forGood)
  })

  test('bytes are taken by a topic with a schema until its namespace enforces schemas', async () => {
    const topic = newTopic()
    const typed = await client.createProducer({ topic, schema: plainOrder })
    const consumer = await client.subscribe({ topic, ...subscription, schema: plainOrder })
    const bytes = await client.createProducer({ topic })
    await bytes.send({ data: new Uint8Array([2, 97]) })
    const message = await consumer.receive(10_000)
    expect([message.getSchemaVersion(), await message.getValue()]).toEqual([undefined, { id: 'a' }])
    await bytes.close()
    await admin.namespaces.setSchemaValidationEnforced(namespace, true)
    // The broker hears of it a moment later.
    const refused = await until(() =>
      refusal(client.createProducer({ topic }).then((producer) => producer.close())),
    )
    expect(refused).toEqual({ code: 'incompatible-schema', retriable: false })
    await typed.send({ value: { id: 'b' } })
    const auto = await client.createProducer({ topic, schema: Schema.autoProduce() })
    await auto.send({ value: { id: 'c' } })
    expect((await admin.schemas.all(topic)).length).toBe(1)
    await admin.namespaces.setSchemaValidationEnforced(namespace, false)
  })

  test('every partition of a topic shares its schema', async () => {
    const topic = newTopic()
    await admin.topics.createPartitioned(topic, 3)
    const consumer = await client.subscribe({ topic, ...subscription, schema: pricedOrder })
    const producer = await client.createProducer({ topic, schema: pricedOrder })
    const orders = [...Array(12).keys()].map((at) => ({ id: `${at}`, total: at }))
    await Promise.all(orders.map((value) => producer.send({ value, partitionKey: value.id })))
    const seen: string[] = []
    for (const _ of orders) {
      const message = await consumer.receive(10_000)
      expect(message.getSchemaVersion()).toBe(0)
      seen.push((await message.getValue()).id)
    }
    expect(seen.toSorted()).toEqual(orders.map((order) => order.id).toSorted())
    expect((await admin.schemas.all(topic)).length).toBe(1)
  })
})
