import { expect, spyOn, test } from 'bun:test'
import { Client } from '../client.ts'
import { Pause } from '../lookup/patience.ts'
import { fakeBroker } from '../testing/fake-broker.ts'
import { message, requests, setUp, storing, type Stored } from '../testing/producer-setup.ts'
import type { CommandType } from '../wire/commands.ts'
import { commandFrame } from '../wire/frame-writer.ts'

const numbers = (count: number) => [...Array(count).keys()]
const single = { batchingEnabled: false }

/** Loses the first request of that type after the first connection, as a broker that starts may. */
const losesOne = async (type: CommandType) => {
  const broker = await fakeBroker(storing([]))
  const client = new Client({
    serviceUrl: broker.url,
    operationTimeoutSeconds: 6,
    connectionTimeoutMs: 500,
  })
  const producer = await client.createProducer({ topic: 't' })
  broker.forget(type)
  broker.cut()
  const { sequenceId } = await producer.send(message())
  expect(sequenceId).toBe(0)
  await client.close()
  await broker[Symbol.asyncDispose]()
}

// Each waits a second for the answer; without a limit of its own it would be the six of an operation.
for (const type of ['connect', 'lookup', 'producer'] as const)
  test(`a ${type} that is never answered is sent again soon`, () => losesOne(type), 4_000)

test('a producer that is not let go after an error starts again on another connection', async () => {
  const stored: Stored[] = []
  const broker = await fakeBroker({
    send: (session, { producerId, sequenceId }) =>
      session.tell('sendError', { producerId, sequenceId, error: 2, message: 'disk' }),
    closeProducer: () => broker.script(storing(stored)),
  })
  const client = new Client({ serviceUrl: broker.url, operationTimeoutSeconds: 6 })
  const producer = await client.createProducer({ topic: 't', batchingEnabled: false })
  await Promise.all(numbers(3).map(() => producer.send(message())))
  expect(stored.map(({ send }) => send.sequenceId)).toEqual([0, 1, 2])
  expect(requests(broker, 'connect')).toHaveLength(2)
  broker.script({
    closeProducer: (session, { requestId }) => session.tell('success', { requestId }),
  })
  await client.close()
  await broker[Symbol.asyncDispose]()
}, 4_000)

test('a connection that ends in the middle of a frame loses and swaps nothing', async () => {
  const stored: Stored[] = []
  await using all = await setUp(
    {
      send: (session, { producerId, sequenceId }) => {
        const receipt = commandFrame('sendReceipt', { producerId, sequenceId })
        session.socket.end(receipt.subarray(0, receipt.length - 3))
      },
    },
    single,
  )
  const sent = numbers(3).map(() => all.producer.send(message()))
  await all.broker.until(() => requests(all.broker, 'send').length > 0)
  all.broker.script(storing(stored))
  const ids = (await Promise.all(sent)).map(({ sequenceId }) => sequenceId)
  expect(ids).toEqual([0, 1, 2])
  expect(stored.map(({ send }) => send.sequenceId)).toEqual([0, 1, 2])
})

test('a producer closed by the broker with messages in flight sends them again, in order', async () => {
  const stored: Stored[] = []
  await using all = await setUp(
    {
      send: (session, { producerId, sequenceId }) => {
        // It knows nothing any more of what comes for a producer it has closed.
        if (sequenceId === 2) session.tell('closeProducer', { producerId, requestId: -1 })
      },
    },
    single,
  )
  const sent = numbers(5).map(() => all.producer.send(message()))
  await all.broker.until(() => requests(all.broker, 'send').length === 5)
  all.broker.script(storing(stored))
  const ids = (await Promise.all(sent)).map(({ sequenceId }) => sequenceId)
  expect(ids).toEqual([0, 1, 2, 3, 4])
  expect(stored.map(({ send }) => send.sequenceId)).toEqual([0, 1, 2, 3, 4])
  expect(requests(all.broker, 'connect')).toHaveLength(1)
})

test('a receipt that comes twice, or for nobody, is nobody elses', async () => {
  let entryId = 0
  await using all = await setUp(
    {
      send: (session, { producerId, sequenceId }) => {
        const receipt = { producerId, sequenceId, messageId: { ledgerId: 1, entryId: entryId++ } }
        for (const id of [sequenceId, sequenceId, 77])
          session.tell('sendReceipt', { ...receipt, sequenceId: id })
        session.tell('sendReceipt', { ...receipt, producerId: 77 })
      },
    },
    single,
  )
  const sent = await Promise.all(numbers(4).map(() => all.producer.send(message())))
  expect(sent.map(({ messageId }) => messageId.entryId)).toEqual([0, 1, 2, 3])
  expect(all.producer.stats()).toEqual({ pending: 0, sent: 4, failed: 0 })
})

test('a broker that reads slowly gets everything in order, and no more than the limit waits here', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored), {
    ...single,
    blockIfQueueFull: true,
    maxPendingMessages: 50,
  })
  for (const { socket } of all.broker.sessions) socket.pause()
  const sent = numbers(500).map((at) => all.producer.send(message({ sequenceId: at })))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(stored).toHaveLength(0)
  expect(all.producer.stats()).toEqual({ pending: 500, sent: 0, failed: 0 })
  for (const { socket } of all.broker.sessions) socket.resume()
  await Promise.all(sent)
  expect(stored.map(({ send }) => send.sequenceId)).toEqual(numbers(500))
})

test('closing without a broker ends after the time of an operation, and fails what was not stored', async () => {
  const broker = await fakeBroker({ send: () => undefined })
  const client = new Client({ serviceUrl: broker.url, operationTimeoutSeconds: 0.1 })
  const producer = await client.createProducer({ topic: 't', sendTimeoutMs: 0 })
  const lost = producer.send(message()).catch((error: unknown) => error)
  await broker[Symbol.asyncDispose]()
  await producer.close()
  expect(await lost).toMatchObject({ code: 'closed', retriable: false })
  expect(producer.stats()).toEqual({ pending: 0, sent: 0, failed: 1 })
  await client.close()
})

test('what is far too large fails at once though the queue is full', async () => {
  const limits = { maxPendingMessages: 1, blockIfQueueFull: true }
  await using all = await setUp({ send: () => undefined }, limits)
  const waiting = all.producer.send(message())
  await expect(all.producer.send(message({ data: new Uint8Array(2_000) }))).rejects.toMatchObject({
    code: 'message-too-big',
    retriable: false,
  })
  all.broker.script(storing([]))
  all.broker.cut()
  await waiting
})

test('sent away while it waits for exclusive access, a producer asks again', async () => {
  let asked = 0
  const broker = await fakeBroker({
    producer: (session, { requestId, producerId }) => {
      const answer = { requestId, producerName: 'p' }
      const ready = asked++ > 0
      session.tell('producerSuccess', { ...answer, producerReady: ready })
      if (!ready) session.tell('closeProducer', { producerId, requestId: -1 })
    },
  })
  const client = new Client({ serviceUrl: broker.url })
  await client.createProducer({ topic: 't', accessMode: 'WaitForExclusive' })
  expect(asked).toBe(2)
  await client.close()
  await broker[Symbol.asyncDispose]()
})

test('a message of which one chunk was refused is refused, though the others were stored', async () => {
  await using env = await setUp(
    {
      send: (session, { producerId, sequenceId }, entry) => {
        if (entry?.metadata.chunkId === 0)
          session.tell('sendError', { producerId, sequenceId, error: 22, message: 'no' })
        else session.tell('sendReceipt', { producerId, sequenceId })
      },
    },
    { batchingEnabled: false, chunkingEnabled: true },
  )
  await expect(env.producer.send(message({ data: new Uint8Array(3_000) }))).rejects.toMatchObject({
    code: 'not-allowed',
  })
  expect(env.producer.stats()).toEqual({ pending: 0, sent: 0, failed: 1 })
})

test('what a broker refuses again and again is sent again more and more slowly', async () => {
  const waits: number[] = []
  const wait = spyOn(Pause.prototype, 'wait').mockImplementation(async (ms) => void waits.push(ms))
  let refusals = 0
  const stored: Stored[] = []
  const script = storing(stored)
  await using env = await setUp({
    send: (session, send, entry) => {
      const { producerId, sequenceId } = send
      if (refusals++ < 4)
        session.tell('sendError', { producerId, sequenceId, error: 2, message: 'disk' })
      else script.send?.(session, send, entry)
    },
  })
  await env.producer.send(message())
  expect(waits.map((ms, at) => ms >= 50 * 2 ** at)).toEqual([true, true, true, true])
  refusals = 3
  await env.producer.send(message())
  expect(waits.at(-1)).toBeLessThanOrEqual(100)
  wait.mockRestore()
})

test('what is too large for the broker of after a reconnection fails, and the rest is stored', async () => {
  const stored: Stored[] = []
  const connected = { serverVersion: 'fake', protocolVersion: 21 }
  await using env = await setUp(
    {
      connect: (session) => session.tell('connected', { ...connected, maxMessageSize: 50_000 }),
    },
    { batchingEnabled: false },
  )
  const large = env.producer.send(message({ data: new Uint8Array(40_000) }))
  const small = env.producer.send(message())
  await env.broker.until(() => requests(env.broker, 'send').length === 2)
  env.broker.script({
    ...storing(stored),
    connect: (session) => session.tell('connected', { ...connected, maxMessageSize: 1_000 }),
  })
  env.broker.cut()
  await expect(large).rejects.toMatchObject({ code: 'message-too-big' })
  await small
  expect(stored).toHaveLength(1)
})
