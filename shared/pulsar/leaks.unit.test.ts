import { expect, test } from 'bun:test'
import { openTimers } from '../../tests/support/open-timers.ts'
import { Client } from './client.ts'
import { delivery } from './testing/consumer-setup.ts'
import { type FakeBroker, fakeBroker } from './testing/fake-broker.ts'
import { message, storing } from './testing/producer-setup.ts'

const cycles = 100
/** The id of the consumer: of what a client opens the producer is the first. */
const second = 2

/** Opens one of each, leaves everything that takes a timer under way, and closes the client. */
const cycle = async (broker: FakeBroker) => {
  const client = new Client({ serviceUrl: broker.url })
  const producer = await client.createProducer({ topic: 't', batchingMaxPublishDelayMs: 60_000 })
  const consumer = await client.subscribe({
    topic: 't',
    subscription: 's',
    subscriptionType: 'Shared',
    ackTimeoutMs: 60_000,
    ackGroupTimeMs: 60_000,
  })
  await client.createReader({ topic: 't', startMessageId: await lastOf(consumer) })
  void producer.send(message())
  for (const session of broker.sessions)
    for (const entryId of [0, 1, 2]) session.write(delivery(second, { texts: ['a'], entryId }))
  const [taken, refused] = [await consumer.receive(), await consumer.receive()]
  void consumer.acknowledge(taken)
  consumer.negativeAcknowledge(refused)
  await consumer.receive()
  const waiting = consumer.receive(60_000).catch(({ code }: { code: string }) => code)
  await client.close()
  expect(await waiting).toBe('closed')
}

const lastOf = async (consumer: Awaited<ReturnType<Client['subscribe']>>) => {
  const [last] = await consumer.getLastMessageIds()
  if (!last) throw new Error('the fake broker names a last message')
  return last
}

test('after 100 clients that opened and closed, no producer, consumer, socket or timer is left', async () => {
  await using broker = await fakeBroker({
    ...storing([]),
    ack: (session, { consumerId, requestId }) =>
      session.tell('ackResponse', { consumerId, requestId }),
    getLastMessageId: (session, { requestId }) =>
      session.tell('getLastMessageIdResponse', {
        requestId,
        lastMessageId: { ledgerId: 1, entryId: 0 },
      }),
  })
  using timers = openTimers()
  for (let count = 0; count < cycles; count++) await cycle(broker)
  const many = (type: string) => broker.received.filter((command) => command.type === type).length
  expect(many('producer')).toBe(cycles)
  expect(many('closeProducer')).toBe(cycles)
  expect(many('subscribe')).toBe(2 * cycles)
  expect(many('closeConsumer')).toBe(2 * cycles)
  expect(timers.open.size).toBe(0)
  await broker.until(() => broker.sessions.size === 0)
}, 20_000)
