import { expect, test } from 'bun:test'
import { PulsarError } from '../errors.ts'
import { consumerSetUp } from '../testing/consumer-setup.ts'
import type { Script } from '../testing/fake-broker.ts'
import { setUp, type Stored, storing } from '../testing/producer-setup.ts'
import { payloadFrame } from '../wire/frame-writer.ts'
import { fromWire } from './schema-info.ts'
import { Schema } from './schema.ts'

const definition = { type: 'record', name: 'Order', fields: [{ name: 'id', type: 'string' }] }
const schemaData = new TextEncoder().encode(JSON.stringify(definition))
const schema = { name: 'order', type: 4, schemaData }
const version = (number: number) => new Uint8Array([0, 0, 0, 0, 0, 0, 0, number])
const encoded = new TextEncoder().encode('\u0002a')
const notReady = 6
const notFound = 11

/** The entry of one message, as a broker delivers it. */
const entry = (schemaVersion: Uint8Array | undefined, nullValue = false, consumerId = 1) =>
  payloadFrame(
    'message',
    { consumerId, messageId: { ledgerId: 1, entryId: 1 } },
    { producerName: 'p', sequenceId: 1, publishTime: 1, schemaVersion, nullValue },
    nullValue ? new Uint8Array() : encoded,
  )

const reading = (script: Script) =>
  consumerSetUp({ topic: 't-partition-2', schema: Schema.autoConsume() as Schema<never> }, script)

const knowing: Script = {
  getSchema: (session, { requestId }) =>
    session.tell('getSchemaResponse', { requestId, schema, schemaVersion: version(3) }),
}

test('the schema of a version is asked for once, under the name of the whole topic', async () => {
  await using set = await reading(knowing)
  for (const session of set.broker.sessions)
    for (const _ of [1, 2, 3]) session.write(entry(version(3)))
  for (const _ of [1, 2, 3]) {
    const message = await set.consumer.receive(1_000)
    expect<unknown>(await message.getValue()).toEqual({ id: 'a' })
    expect(message.getSchemaVersion()).toBe(3)
  }
  const other = await set.client.subscribe({
    topic: 't-partition-3',
    subscription: 's',
    schema: Schema.autoConsume(),
  })
  for (const session of set.broker.sessions) session.write(entry(version(3), false, 2))
  expect(await (await other.receive(1_000)).getValue()).toEqual({ id: 'a' })
  const topic = 'persistent://public/default/t'
  expect(set.got('getSchema')).toMatchObject([{ topic, schemaVersion: version(3) }])
})

test('a schema that could not be had is asked for again with the next value', async () => {
  await using set = await reading({
    getSchema: (session, { requestId }) =>
      session.tell('getSchemaResponse', { requestId, error: notReady, message: 'starting' }),
  })
  for (const session of set.broker.sessions) session.write(entry(version(3)))
  const message = await set.consumer.receive(1_000)
  const refused: unknown = await message.getValue().catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'service-not-ready', retriable: true })
  expect(refused).toBeInstanceOf(PulsarError)
  set.broker.script(knowing)
  expect<unknown>(await message.getValue()).toEqual({ id: 'a' })
})

test('a message that says it has no value has none, and one without a version is bytes', async () => {
  await using set = await reading(knowing)
  for (const session of set.broker.sessions) {
    session.write(entry(version(3), true))
    session.write(entry(undefined))
  }
  const empty = await set.consumer.receive(1_000)
  expect<unknown>(await empty.getValue()).toBeUndefined()
  const bare = await set.consumer.receive(1_000)
  expect<unknown>(await bare.getValue()).toEqual(encoded)
  expect(bare.getSchemaVersion()).toBeUndefined()
  expect(set.got('getSchema')).toEqual([])
})

test('auto-produce takes a topic without a schema for one of bytes', async () => {
  const sent: Stored[] = []
  const script: Script = {
    ...storing(sent),
    getSchema: (session, { requestId }) =>
      session.tell('getSchemaResponse', { requestId, error: notFound, message: 'no schema' }),
  }
  await using set = await setUp(script, { schema: Schema.autoProduce() as Schema<never> })
  await set.producer.send({ value: encoded })
  expect(sent[0]?.entry?.metadata.schemaVersion).toBeUndefined()
  expect(set.broker.received.find(({ type }) => type === 'producer')?.body).not.toHaveProperty(
    'schema',
  )
})

test('each message names the version that its producer was told, also after a reconnect', async () => {
  const sent: Stored[] = []
  let told = 3
  const registering: Script = {
    ...storing(sent),
    producer: (session, { requestId }) =>
      session.tell('producerSuccess', {
        requestId,
        producerName: 'p',
        lastSequenceId: -1,
        schemaVersion: version(told++),
      }),
  }
  await using set = await setUp(registering, { schema: Schema.string() as Schema<never> })
  await set.producer.send({ value: 'a' as never })
  set.broker.cut()
  await set.broker.until(() => told === 5)
  await set.producer.send({ value: 'b' as never })
  expect(sent.map(({ entry: of }) => [...(of?.metadata.schemaVersion ?? [])].at(-1))).toEqual([
    3, 4,
  ])
})

test('a value sent without a schema is refused, and bytes are sent as they are', async () => {
  const sent: Stored[] = []
  await using set = await setUp(storing(sent))
  const refused: unknown = await set.producer
    .send({ value: encoded })
    .catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'invalid-argument', retriable: false })
  await set.producer.send({ data: encoded })
  expect(sent.length).toBe(1)
})

test('a schema keeps none of the bytes it was read from, and a type of a newer broker is bytes', () => {
  const read = fromWire({ ...schema, type: 99 })
  expect(read).toMatchObject({ type: 'BYTES', data: schemaData })
  expect(read.data.buffer).not.toBe(schemaData.buffer)
})
