import { expect, test } from 'bun:test'
import { Client } from '../client.ts'
import { earliest, messageId } from '../message-id.ts'
import { delivery } from '../testing/consumer-setup.ts'
import { fakeBroker } from '../testing/fake-broker.ts'

test('a reader has more while any partition has, and none when each is read to its end', async () => {
  const stored = new Map<number, number>()
  await using broker = await fakeBroker({
    partitionMetadata: (session, { requestId }) =>
      session.tell('partitionMetadataResponse', { requestId, partitions: 3, response: 0 }),
    getLastMessageId: (session, { requestId, consumerId }) => {
      const entryId = stored.get(consumerId) ?? -1
      session.tell('getLastMessageIdResponse', {
        requestId,
        lastMessageId: { ledgerId: entryId < 0 ? -1 : 1, entryId },
      })
    },
  })
  const client = new Client({ serviceUrl: broker.url })
  const reader = await client.createReader({ topic: 't', startMessageId: earliest })
  expect(await reader.hasNext()).toBe(false)
  for (const consumerId of [2, 3, 1]) {
    stored.set(consumerId, 0)
    expect(await reader.hasNext()).toBe(true)
    const next = reader.readNext()
    for (const session of broker.sessions)
      session.write(delivery(consumerId, { texts: ['a'], entryId: 0 }))
    await next
    expect(await reader.hasNext()).toBe(false)
  }
  await client.close()
})

test('a message from before a seek, that comes while it goes on, does not move the new place', async () => {
  const starts: unknown[] = []
  let consumer = 0
  await using broker = await fakeBroker({
    subscribe: (session, { requestId, consumerId, startMessageId }) => {
      consumer = consumerId
      starts.push(startMessageId)
      session.tell('success', { requestId })
    },
    seek: (session, { requestId, consumerId }) => {
      session.write(delivery(consumerId, { texts: ['live'], entryId: 50 }))
      session.tell('closeConsumer', { consumerId, requestId: -1 })
      session.tell('success', { requestId })
    },
    getLastMessageId: (session, { requestId }) =>
      session.tell('getLastMessageIdResponse', {
        requestId,
        lastMessageId: { ledgerId: 1, entryId: 50 },
        markDeletePosition: { ledgerId: 1, entryId: 2 },
      }),
  })
  const client = new Client({ serviceUrl: broker.url })
  const place = messageId({ ledgerId: 1, entryId: 40 })
  const reader = await client.createReader({ topic: 't', startMessageId: place })
  const live = reader.readNext()
  await reader.seekTimestamp(1)
  expect(new TextDecoder().decode((await live).getData())).toBe('live')
  expect(starts).toMatchObject([{ entryId: 40 }, { ledgerId: -1, entryId: -1 }])
  for (const session of broker.sessions)
    session.write(delivery(consumer, { texts: ['first there'], entryId: 3 }))
  expect(new TextDecoder().decode((await reader.readNext()).getData())).toBe('first there')
  await client.close()
})
