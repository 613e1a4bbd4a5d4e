import { expect, test } from 'bun:test'
import { consumerSetUp } from '../testing/consumer-setup.ts'
import { payloadFrame } from '../wire/frame-writer.ts'

test('what a message keeps of a chunk of the socket does not keep all of it', async () => {
  await using set = await consumerSetUp()
  const frame = payloadFrame(
    'message',
    { consumerId: 1, messageId: { ledgerId: 1, entryId: 1 } },
    { producerName: 'p', sequenceId: 1, publishTime: 1, orderingKey: new Uint8Array(5) },
    new Uint8Array(7),
  )
  for (const { write } of set.broker.sessions) write(frame)
  const message = await set.consumer.receive(1_000)
  expect(message.getData().buffer.byteLength).toBe(7)
  expect(message.getOrderingKey()?.buffer.byteLength).toBe(5)
})
