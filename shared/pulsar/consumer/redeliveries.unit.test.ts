import { expect, test } from 'bun:test'
import { consumerSetUp } from '../testing/consumer-setup.ts'
import type { Body } from '../wire/commands.ts'
import type { Message } from './message.ts'

const textOf = (message: Message) => new TextDecoder().decode(message.getData())

test('a dead letter that cannot be stored is reported, and the message delivered again later', async () => {
  const failures: string[] = []
  await using all = await consumerSetUp(
    {
      nAckRedeliverTimeoutMs: 1,
      deadLetterPolicy: {
        maxRedeliverCount: 1,
        onFailure: ({ code }, message) => void failures.push(`${code} ${textOf(message)}`),
      },
    },
    {
      producer: (session, { requestId }) =>
        session.tell('error', { requestId, error: 4, message: 'no rights' }),
    },
  )
  all.deliver({ texts: ['a'], entryId: 0, redeliveryCount: 1 })
  all.consumer.negativeAcknowledge(await all.consumer.receive())
  await all.broker.until(() => all.got('redeliverUnacknowledged').length === 1)
  expect(failures).toEqual(['authorization a'])
  expect(all.got('ack')).toEqual([])
  // It is over its number now: the next attempt needs nobody to refuse it.
  all.broker.script({
    producer: (session, { requestId }) =>
      session.tell('producerSuccess', { requestId, producerName: 'p', lastSequenceId: -1 }),
    send: (session, { producerId, sequenceId }) =>
      session.tell('sendReceipt', {
        producerId,
        sequenceId,
        messageId: { ledgerId: 9, entryId: 0 },
      }),
  })
  all.deliver({ texts: ['a'], entryId: 0, redeliveryCount: 2 })
  await all.broker.until(() => all.got('ack').length === 1)
  expect(all.consumer.stats()).toMatchObject({ received: 1, queued: 0 })
})

test('only what was not acknowledged in time is asked for again, whole entries of it', async () => {
  await using all = await consumerSetUp({ ackTimeoutMs: 20 })
  all.deliver({ texts: ['a'], entryId: 0 }, { texts: ['b'], entryId: 1 })
  all.deliver({ texts: ['c', 'd'], entryId: 2 }, { texts: ['e', 'f'], entryId: 3 })
  const [, b, c, , e, f] = await all.consumer.batchReceive(6)
  await Promise.all([b!, c!, e!, f!].map((message) => all.consumer.acknowledge(message)))
  const asked = () =>
    all
      .got<Body<'redeliverUnacknowledged'>>('redeliverUnacknowledged')
      .flatMap(({ messageIds = [] }) => messageIds.map(({ entryId }) => entryId))
  await all.broker.until(() => asked().length === 2)
  expect(asked()).toEqual([0, 2])
})

test('of a message refused nothing is kept to be delivered twice', async () => {
  await using all = await consumerSetUp({ nAckRedeliverTimeoutMs: 1 })
  all.deliver({ texts: ['a', 'b'], entryId: 0 }, { texts: ['c'], entryId: 1 })
  all.consumer.negativeAcknowledge(await all.consumer.receive())
  await all.broker.until(() => all.got('redeliverUnacknowledged').length === 1)
  all.deliver({ texts: ['a', 'b'], entryId: 0, redeliveryCount: 1 })
  expect((await all.consumer.batchReceive(10)).map(textOf)).toEqual(['c'])
  expect((await all.consumer.batchReceive(10)).map(textOf)).toEqual(['a', 'b'])
})

test('what the broker had sent before all was asked for again is granted again', async () => {
  await using all = await consumerSetUp({
    subscriptionType: 'Exclusive',
    receiverQueueSize: 4,
    nAckRedeliverTimeoutMs: 0,
  })
  const granted = () =>
    all.got<Body<'flow'>>('flow').reduce((sum, { messagePermits }) => sum + messagePermits, 0)
  all.deliver({ texts: ['a'], entryId: 0 })
  all.consumer.negativeAcknowledge(await all.consumer.receive())
  await all.broker.until(() => all.got('redeliverUnacknowledged').length === 1)
  all.deliver({ texts: ['b', 'c', 'd'], entryId: 1 })
  await all.broker.until(() => granted() === 8)
  expect(all.consumer.stats().queued).toBe(0)
})
