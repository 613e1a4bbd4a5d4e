import { afterEach, expect, spyOn, test } from 'bun:test'
import { Client } from '../client.ts'
import { Residents } from '../connection/residents.ts'
import { consumerSetUp, delivery } from '../testing/consumer-setup.ts'
import { fakeBroker } from '../testing/fake-broker.ts'

const requestsOf = (received: readonly { readonly type: string }[], type: string) =>
  received.filter((command) => command.type === type).length

const removed = spyOn(Residents.prototype, 'removeConsumer')
afterEach(() => void removed.mockClear())

test('who closes twice at once leaves once, and both wait for it', async () => {
  await using env = await consumerSetUp(
    {},
    {
      // A broker refuses to close what is not there any more.
      closeConsumer: (session, { requestId }) =>
        requestsOf(env.broker.received, 'closeConsumer') === 1
          ? session.tell('success', { requestId })
          : session.tell('error', { requestId, error: 1, message: 'Consumer not found' }),
    },
  )
  await Promise.all([env.consumer.close(), env.consumer.close()])
  expect(env.got('closeConsumer')).toHaveLength(1)
})

test('a client that closes waits for a consumer that is closing', async () => {
  await using env = await consumerSetUp({}, { ack: () => undefined })
  env.deliver({ texts: ['a'], entryId: 0 })
  const acknowledged = env.consumer.acknowledge(await env.consumer.receive())
  const closed = [env.consumer.close(), env.client.close(), env.client.close()]
  await env.broker.until(() => env.got('ack').length === 1)
  const [{ consumerId, requestId } = { consumerId: 0, requestId: 0 }] = env.got<{
    consumerId: number
    requestId: number
  }>('ack')
  for (const session of env.broker.sessions) session.tell('ackResponse', { consumerId, requestId })
  await Promise.all([acknowledged, ...closed])
})

test('an unsubscribed consumer hears nothing more, and hands out nothing that came late', async () => {
  await using env = await consumerSetUp(
    {},
    {
      unsubscribe: (session, { requestId }) => {
        session.tell('success', { requestId })
        session.write(delivery(1, { texts: ['late'], entryId: 0 }))
      },
    },
  )
  await env.consumer.unsubscribe()
  await env.client.getPartitionsForTopic('t')
  expect(removed).toHaveBeenCalledWith(1)
  expect(env.consumer.stats().queued).toBe(0)
  await expect(env.consumer.receive()).rejects.toMatchObject({ code: 'closed' })
})

test('a consumer that closes while it subscribes again is forgotten by its connection', async () => {
  await using env = await consumerSetUp()
  env.broker.script({ subscribe: () => undefined })
  for (const session of env.broker.sessions)
    session.tell('closeConsumer', { consumerId: 1, requestId: -1 })
  await env.broker.until(() => requestsOf(env.broker.received, 'subscribe') === 2)
  await env.consumer.close()
  const [, again] = env.got<{ requestId: number }>('subscribe')
  for (const session of env.broker.sessions)
    session.tell('success', { requestId: again?.requestId ?? -1 })
  await env.broker.until(() => env.got('closeConsumer').length === 1)
  expect(removed).toHaveBeenCalledWith(1)
})

test('what is refused after the end is asked for by nobody, and keeps no timer', async () => {
  await using env = await consumerSetUp({ nAckRedeliverTimeoutMs: 60_000 })
  env.deliver({ texts: ['a'], entryId: 0 })
  const message = await env.consumer.receive()
  await env.consumer.close()
  const timers = spyOn(globalThis, 'setTimeout')
  env.consumer.negativeAcknowledge(message)
  expect(timers).not.toHaveBeenCalled()
  timers.mockRestore()
})

test('a message whose acknowledgement failed comes again after it was refused, alone of its batch', async () => {
  const failing = { fail: true }
  await using env = await consumerSetUp(
    { nAckRedeliverTimeoutMs: 1 },
    {
      ack: (session, { consumerId, requestId }) =>
        session.tell(
          'ackResponse',
          failing.fail
            ? { consumerId, requestId, error: 1, message: 'no' }
            : { consumerId, requestId },
        ),
    },
  )
  env.deliver({ texts: ['a', 'b'], entryId: 0 })
  const [a, b] = [await env.consumer.receive(), await env.consumer.receive()]
  await env.consumer.acknowledge(a)
  await expect(env.consumer.acknowledge(b)).rejects.toMatchObject({ code: 'metadata' })
  failing.fail = false
  env.consumer.negativeAcknowledge(b)
  await env.broker.until(() => env.got('redeliverUnacknowledged').length === 1)
  env.deliver({ texts: ['a', 'b'], entryId: 0, redeliveryCount: 1 })
  const again = await env.consumer.receive(1_000)
  expect(again.id.batchIndex).toBe(1)
  await env.consumer.acknowledge(again)
  expect(env.consumer.stats().queued).toBe(0)
})

test('the same with batch index acknowledgements: the rest of the batch does not acknowledge it', async () => {
  const failing = { fail: true }
  await using env = await consumerSetUp(
    { batchIndexAckEnabled: true },
    {
      ack: (session, { consumerId, requestId }) =>
        session.tell(
          'ackResponse',
          failing.fail
            ? { consumerId, requestId, error: 1, message: 'no' }
            : { consumerId, requestId },
        ),
    },
  )
  env.deliver({ texts: ['a', 'b'], entryId: 0 })
  const [a, b] = [await env.consumer.receive(), await env.consumer.receive()]
  await expect(env.consumer.acknowledge(a)).rejects.toMatchObject({ code: 'metadata' })
  failing.fail = false
  await env.consumer.acknowledge(b)
  expect(env.got<{ messageId: unknown }>('ack').at(-1)).toMatchObject({
    messageId: [{ ackSet: [0b01n] }],
  })
})

test('who does not wait for an acknowledgement is not ended by its failure', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  await using env = await consumerSetUp({}, { ack: () => undefined })
  env.deliver({ texts: ['a', 'b'], entryId: 0 }, { texts: ['c'], entryId: 1 })
  const messages = await env.consumer.batchReceive(3)
  for (const message of messages) void env.consumer.acknowledge(message)
  await env.broker.until(() => env.got('ack').length > 0)
  env.broker.cut()
  await env.broker.until(() => env.got('subscribe').length === 2)
  for (const message of messages) void env.consumer.acknowledge(message)
  for (const message of messages) void env.consumer.acknowledgeCumulative(message)
  await env.client.getPartitionsForTopic('t')
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

test('what a listener of the consumer throws is not handled by anybody, and ends no connection', async () => {
  // Otherwise the runner would take what nobody handles for a failure of the test.
  const rejected = spyOn(Promise, 'reject').mockImplementation(() => new Promise(() => undefined))
  const fails = () => {
    throw new Error('mine')
  }
  await using env = await consumerSetUp({
    subscriptionType: 'Failover',
    onActiveChange: fails,
    onReachedEndOfTopic: fails,
    onUnreadable: fails,
  })
  for (const session of env.broker.sessions) {
    session.tell('activeConsumerChange', { consumerId: 1, isActive: true })
    session.tell('reachedEndOfTopic', { consumerId: 1 })
    session.write(delivery(1, { texts: ['a'], entryId: 0 }).fill(0, -1))
  }
  await env.client.getPartitionsForTopic('t')
  expect(requestsOf(env.broker.received, 'connect')).toBe(1)
  expect(rejected.mock.calls).toEqual(Array.from({ length: 3 }, () => [new Error('mine')]))
  rejected.mockRestore()
})

test('a listener that throws, and whose handler of that throws too, gets the next message', async () => {
  const rejected = spyOn(Promise, 'reject').mockImplementation(() => new Promise(() => undefined))
  const got: string[] = []
  await using env = await consumerSetUp({
    listener: (message) => {
      got.push(new TextDecoder().decode(message.getData()))
      throw new Error('mine')
    },
    onListenerError: () => {
      throw new Error('mine too')
    },
  })
  env.deliver({ texts: ['a'], entryId: 0 }, { texts: ['b'], entryId: 1 })
  await env.client.getPartitionsForTopic('t')
  expect(got).toEqual(['a', 'b'])
  expect(rejected).toHaveBeenCalledTimes(2)
  rejected.mockRestore()
})

test('a producer that is closing is waited for by its client', async () => {
  await using broker = await fakeBroker({})
  const client = new Client({ serviceUrl: broker.url, operationTimeoutSeconds: 2 })
  const producer = await client.createProducer({ topic: 't' })
  const sent = producer.send({ data: new Uint8Array(1) })
  const closed = [producer.close(), client.close(), client.close()]
  await broker.until(() => requestsOf(broker.received, 'send') === 1)
  for (const session of broker.sessions)
    session.tell('sendReceipt', {
      producerId: 1,
      sequenceId: 0,
      messageId: { ledgerId: 1, entryId: 0 },
    })
  await sent
  await Promise.all(closed)
})
