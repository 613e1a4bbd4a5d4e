import { expect, test } from 'bun:test'
import { consumerSetUp, delivery } from '../testing/consumer-setup.ts'
import { ByteWriter } from '../wire/byte-writer.ts'
import { payloadFrame } from '../wire/frame-writer.ts'
import type { Body } from '../wire/commands.ts'
import { encodeSingleMetadata } from '../wire/single-metadata.ts'

test('of large messages the broker is asked for as many as have room, however long the queue may be', async () => {
  const size = 10_000
  const bytes = 100_000
  const total = 200
  let permits = 0
  let sent = 0
  let received = 0
  let ahead = 0
  await using all = await consumerSetUp(
    { receiverQueueSize: 1_000, receiverQueueBytes: bytes },
    {
      flow: (session, { messagePermits }) => {
        permits += messagePermits
        const texts = ['x'.repeat(size)]
        for (; permits > 0 && sent < total; permits--)
          session.write(delivery(1, { texts, entryId: sent++ }))
        ahead = Math.max(ahead, sent - received)
      },
    },
  )
  for (; received < total; received++) await all.consumer.receive()
  expect(ahead * size).toBeLessThanOrEqual(2 * bytes)
})

/** Four empty messages, the second of them removed by compaction. */
const compactedBatch = (): Uint8Array => {
  const body = new ByteWriter()
  for (const compactedOut of [undefined, true, undefined, undefined]) {
    const size = body.length
    body.uint32be(0)
    encodeSingleMetadata(body, { payloadSize: 0, compactedOut })
    body.setUint32be(size, body.length - size - 4)
  }
  return body.finish()
}

test('for a batch as many are granted again as the broker counted: what compaction left out, not what was acknowledged', async () => {
  await using all = await consumerSetUp({ receiverQueueSize: 10 })
  const frame = payloadFrame(
    'message',
    { consumerId: 1, messageId: { ledgerId: 1, entryId: 0 }, ackSet: [0b0111n] },
    { producerName: 'p', sequenceId: 0, publishTime: 1, messagesInBatch: 4 },
    compactedBatch(),
  )
  for (const session of all.broker.sessions) session.write(frame)
  all.deliver({ texts: ['e'], entryId: 1 }, { texts: ['f'], entryId: 2 })
  await all.consumer.receive()
  await all.consumer.receive()
  await all.consumer.acknowledge(await all.consumer.receive())
  expect(all.got('flow')).toHaveLength(1)
  await all.consumer.acknowledge(await all.consumer.receive())
  expect(all.got('flow')[1]).toEqual({ consumerId: 1, messagePermits: 5 })
})

test('batches that cannot be read take no permits from those that can', async () => {
  const unreadable: number[] = []
  await using all = await consumerSetUp({
    receiverQueueSize: 10,
    onUnreadable: (_, { entryId }) => void unreadable.push(entryId),
  })
  for (const session of all.broker.sessions)
    for (const entryId of [0, 1])
      session.write(
        payloadFrame(
          'message',
          { consumerId: 1, messageId: { ledgerId: 1, entryId } },
          { producerName: 'p', sequenceId: 0, publishTime: 1, messagesInBatch: 10, compression: 9 },
          new Uint8Array(5),
        ),
      )
  all.deliver({ texts: ['c'], entryId: 2 })
  await all.consumer.acknowledge(await all.consumer.receive())
  expect(unreadable).toEqual([0, 1])
  const granted = all.got<Body<'flow'>>('flow').map(({ messagePermits }) => messagePermits)
  expect(granted).toEqual([10, 10, 10])
})

test('a message keeps its own bytes alive and not the chunk of the socket it came in', async () => {
  await using all = await consumerSetUp()
  const data = new TextEncoder().encode('payload')
  const orderingKey = Uint8Array.of(1, 2, 3)
  const frames = Array.from({ length: 500 }, (_, entryId) =>
    payloadFrame(
      'message',
      { consumerId: 1, messageId: { ledgerId: 1, entryId } },
      { producerName: 'p', sequenceId: entryId, publishTime: 1, orderingKey },
      data,
    ),
  )
  for (const session of all.broker.sessions) session.write(Buffer.concat(frames))
  for (let count = 0; count < frames.length; count++) {
    const message = await all.consumer.receive()
    expect(message.getData().buffer.byteLength).toBe(data.length)
    expect(message.getOrderingKey()?.buffer.byteLength).toBe(orderingKey.length)
  }
})
