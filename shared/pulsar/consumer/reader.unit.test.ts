import { expect, test } from 'bun:test'
import { Client } from '../client.ts'
import { earliest } from '../message-id.ts'
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
