import { expect, test } from 'bun:test'
import { Client } from '../client.ts'
import { fakeBroker } from '../testing/fake-broker.ts'
import { message, requests, setUp, storing, type Stored } from '../testing/producer-setup.ts'
import type { Body } from '../wire/commands.ts'

test('what was not acknowledged when the connection ended is sent again in order', async () => {
  const stored: Stored[] = []
  await using all = await setUp({ send: () => undefined }, { batchingEnabled: false })
  const sent = [1, 2, 3].map(() => all.producer.send(message()))
  await all.broker.until(() => requests(all.broker, 'send').length === 3)
  all.broker.script(storing(stored))
  all.broker.cut()
  sent.push(all.producer.send(message()))
  const results = await Promise.all(sent)
  expect(stored.map(({ send }) => send.sequenceId)).toEqual([0, 1, 2, 3])
  expect(results.map(({ sequenceId }) => sequenceId)).toEqual([0, 1, 2, 3])
  const [first, second] = requests(all.broker, 'producer') as Body<'producer'>[]
  expect(second).toMatchObject({ producerName: 'fake-1', epoch: (first!.epoch ?? 0) + 1 })
})

test('a producer the broker closed is created again on the same connection', async () => {
  const stored: Stored[] = []
  await using all = await setUp({
    send: (session, { producerId }) => session.tell('closeProducer', { producerId, requestId: -1 }),
  })
  const sent = all.producer.send(message())
  await all.broker.until(() => requests(all.broker, 'send').length === 1)
  all.broker.script(storing(stored))
  await sent
  expect(requests(all.broker, 'connect')).toHaveLength(1)
  expect(requests(all.broker, 'producer')).toHaveLength(2)
})

test('while its name is still taken after a reconnect the producer tries again', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored))
  let refusals = 2
  const busy = { error: 16, message: 'name taken' }
  all.broker.script({
    producer: (session, { requestId, producerName = 'p' }) =>
      refusals-- > 0
        ? session.tell('error', { requestId, ...busy })
        : session.tell('producerSuccess', { requestId, producerName }),
  })
  all.broker.cut()
  expect((await all.producer.send(message())).sequenceId).toBe(0)
  expect(refusals).toBe(-1)
})

test('a fenced producer says so once, fails what waits, and never comes back', async () => {
  let fenced = 0
  await using all = await setUp({ send: () => undefined }, { onFenced: () => void fenced++ })
  all.broker.script({
    producer: (session, { requestId }) =>
      session.tell('error', { requestId, error: 25, message: 'fenced' }),
  })
  const waiting = all.producer.send(message())
  await all.broker.until(() => requests(all.broker, 'send').length === 1)
  all.broker.cut()
  await expect(waiting).rejects.toMatchObject({ code: 'producer-fenced', retriable: false })
  await expect(all.producer.send(message())).rejects.toMatchObject({ code: 'producer-fenced' })
  expect(fenced).toBe(1)
  expect(requests(all.broker, 'producer')).toHaveLength(2)
})

test('an error that overtakes receipts hits its own message only', async () => {
  const stored: Stored[] = []
  await using all = await setUp(
    {
      send: (session, { producerId, sequenceId }, entry) => {
        if (sequenceId !== 1) {
          stored.push({ send: { producerId, sequenceId }, entry })
          return
        }
        session.tell('sendError', { producerId, sequenceId, error: 22, message: 'not allowed' })
        for (const { send } of stored) session.tell('sendReceipt', send)
      },
    },
    { batchingEnabled: false },
  )
  const [first, second] = await Promise.allSettled([1, 2].map(() => all.producer.send(message())))
  expect(first!.status).toBe('fulfilled')
  expect(second).toMatchObject({ reason: { code: 'not-allowed' } })
})

test('an error that may pass starts the producer again and sends in the same order', async () => {
  const stored: Stored[] = []
  await using all = await setUp(
    {
      send: (session, { producerId, sequenceId }) => {
        if (sequenceId === 0)
          session.tell('sendError', { producerId, sequenceId, error: 2, message: 'disk' })
      },
      closeProducer: (session, { requestId }) => {
        all.broker.script(storing(stored))
        session.tell('success', { requestId })
      },
    },
    { batchingEnabled: false },
  )
  await Promise.all([1, 2, 3].map(() => all.producer.send(message())))
  expect(stored.map(({ send }) => send.sequenceId)).toEqual([0, 1, 2])
})

test('a full queue is a typed error at once', async () => {
  await using all = await setUp({ send: () => undefined }, { maxPendingMessages: 2 })
  const waiting = [1, 2].map(() => all.producer.send(message()))
  await expect(all.producer.send(message())).rejects.toMatchObject({
    code: 'queue-full',
    retriable: true,
  })
  all.broker.script(storing([]))
  all.broker.cut()
  await Promise.all(waiting)
  await all.producer.send(message())
})

test('a full queue that blocks lets the next in when one is stored, in order', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored), {
    maxPendingMessages: 2,
    blockIfQueueFull: true,
    batchingEnabled: false,
  })
  const sent = await Promise.all([...Array(10).keys()].map(() => all.producer.send(message())))
  expect(sent.map(({ sequenceId }) => sequenceId)).toEqual([...Array(10).keys()])
  expect(stored).toHaveLength(10)
})

test('bytes are bounded as messages are', async () => {
  await using all = await setUp({ send: () => undefined }, { maxPendingBytes: 100 })
  const first = all.producer.send(message({ data: new Uint8Array(200) }))
  await expect(all.producer.send(message())).rejects.toMatchObject({ code: 'queue-full' })
  all.broker.script(storing([]))
  all.broker.cut()
  await first
})

test('a message nobody acknowledges ends in a timeout and makes room', async () => {
  const options = { sendTimeoutMs: 20, maxPendingMessages: 1 }
  await using all = await setUp({ send: () => undefined }, options)
  await expect(all.producer.send(message())).rejects.toMatchObject({ code: 'timeout' })
  await expect(all.producer.send(message())).rejects.toMatchObject({ code: 'timeout' })
})

test('closing waits for what was sent, tells the broker, and refuses what comes later', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored))
  const sent = all.producer.send(message())
  await all.producer.close()
  expect((await sent).duplicate).toBe(false)
  expect(requests(all.broker, 'closeProducer')).toHaveLength(1)
  await expect(all.producer.send(message())).rejects.toMatchObject({ code: 'closed' })
  await all.producer.close()
})

test('flush resolves when everything sent before is stored', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored), { batchingMaxPublishDelayMs: 60_000 })
  const sent = all.producer.send(message())
  await all.producer.flush()
  expect(stored).toHaveLength(1)
  await sent
})

test('an exclusive producer that has to wait is created when its turn comes', async () => {
  let answerLater = (): void => undefined
  const broker = await fakeBroker({
    producer: (session, { requestId }) => {
      const answer = { requestId, producerName: 'p', topicEpoch: 4 }
      session.tell('producerSuccess', { ...answer, producerReady: false })
      answerLater = () => session.tell('producerSuccess', { ...answer, producerReady: true })
    },
  })
  const client = new Client({ serviceUrl: broker.url, operationTimeoutSeconds: 0.02 })
  const made = client.createProducer({ topic: 't', accessMode: 'WaitForExclusive' })
  await broker.until(() => requests(broker, 'producer').length === 1)
  // Longer than the time for operations: it must not count here.
  await new Promise((resolve) => setTimeout(resolve, 60))
  answerLater()
  expect((await made).topicEpoch).toBe(4)
  await client.close()
  await broker[Symbol.asyncDispose]()
})
