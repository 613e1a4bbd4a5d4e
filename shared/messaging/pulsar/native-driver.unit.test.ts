import { expect, test } from 'bun:test'
import { delivery } from '../../pulsar/testing/consumer-setup.ts'
import { fakeBroker } from '../../pulsar/testing/fake-broker.ts'
import { textOf } from '../contract-suite/traffic.ts'
import { pulsarBroker } from './pulsar-broker.ts'

test('a message of the new place that comes before the answer to a seek is not dropped with those of the old one', async () => {
  const asked = Promise.withResolvers<void>()
  let subscribed = 0
  await using fake = await fakeBroker({
    subscribe: (session, { requestId, consumerId }) => {
      session.tell('success', { requestId })
      const texts = [['of before'], ['first there', 'second there']][subscribed++] ?? []
      session.write(delivery(consumerId, { texts, entryId: subscribed }))
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
