import { expect, test } from 'bun:test'
import { delivery } from '../../pulsar/testing/consumer-setup.ts'
import { fakeBroker } from '../../pulsar/testing/fake-broker.ts'
import { textOf } from '../contract-suite/traffic.ts'
import { pulsarBroker } from './pulsar-broker.ts'

test('a message of the new place that comes before the answer to a seek is not dropped with those of the old one', async () => {
  const asked = Promise.withResolvers<void>()
  let flows = 0
  await using fake = await fakeBroker({
    flow: (session, { consumerId }) => {
      const texts = [['of before'], ['first there', 'second there']][flows++] ?? []
      if (texts.length > 0) session.write(delivery(consumerId, { texts, entryId: flows }))
    },
    seek: (session, { requestId, consumerId }) => {
      session.tell('closeConsumer', { consumerId, requestId: 0 })
      void asked.promise.then(() => session.tell('success', { requestId }))
    },
  })
  const broker = pulsarBroker({ serviceUrl: fake.url, tenant: 'aeroalpes' })
  const consumer = await broker.subscribe({ topics: ['t'], subscription: 's', type: 'Failover' })
  expect((await consumer.receive(1)).map(textOf)).toEqual(['of before'])
  const sought = consumer.seek('earliest')
  expect((await consumer.receive(1)).map(textOf)).toEqual(['first there'])
  asked.resolve()
  await sought
  const next = await consumer.receive(1, AbortSignal.timeout(5000))
  expect(next.map(textOf)).toEqual(['second there'])
  await broker.close()
})

test('what comes of the old place when a partition is back, before the seek that waited for it, is dropped', async () => {
  const sessions: (() => void)[] = []
  let flows = 0
  await using fake = await fakeBroker({
    subscribe: (session, { requestId }) =>
      void sessions.push(() => session.tell('success', { requestId })),
    flow: (session, { consumerId }) => {
      const texts = ['of before', 'of before, too', 'there'].slice(flows++, flows)
      session.write(delivery(consumerId, { texts, entryId: flows }))
    },
    seek: (session, { requestId, consumerId }) => {
      session.tell('closeConsumer', { consumerId, requestId: 0 })
      session.tell('success', { requestId })
    },
  })
  const answer = async (count: number) => {
    await fake.until(() => sessions.length === count)
    sessions.at(-1)?.()
  }
  const broker = pulsarBroker({ serviceUrl: fake.url, tenant: 'aeroalpes' })
  const subscribing = broker.subscribe({ topics: ['t'], subscription: 's', type: 'Failover' })
  await answer(1)
  const consumer = await subscribing
  expect((await consumer.receive(1)).map(textOf)).toEqual(['of before'])
  for (const session of fake.sessions)
    session.tell('closeConsumer', { consumerId: 1, requestId: 0 })
  await fake.until(() => sessions.length === 2)
  const sought = consumer.seek('earliest')
  await answer(2)
  await answer(3)
  await sought
  expect((await consumer.receive(1)).map(textOf)).toEqual(['there'])
  await broker.close()
})
