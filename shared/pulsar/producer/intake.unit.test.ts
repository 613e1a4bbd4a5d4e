import { expect, test } from 'bun:test'
import { ids, message, requests, setUp, type Stored, storing } from '../testing/producer-setup.ts'
import { Intake } from './intake.ts'
import type { Item } from './pending-queue.ts'

const item = (): Item => ({
  message: message(),
  sequenceId: -1,
  resolve: () => undefined,
  reject: () => undefined,
})

test('when one of a batch is refused, what waits outside does not overtake the rest of the batch', async () => {
  const stored: Stored[] = []
  await using env = await setUp(storing(stored), {
    maxPendingMessages: 2,
    blockIfQueueFull: true,
    batchingMaxAllowedSizeInBytes: 500,
  })
  const tooMuch = env.producer.send(message({ properties: { large: 'x'.repeat(2_000) } }))
  const second = env.producer.send(message())
  // Fills a batch of its own, and so is sent as soon as it is let in.
  const outside = env.producer.send(message({ data: new Uint8Array(600) }))
  await expect(tooMuch).rejects.toMatchObject({ code: 'message-too-big' })
  await Promise.all([second, outside])
  expect(ids(stored)).toEqual([
    [1, 1],
    [2, 2],
  ])
})

test('duplicates of a batch let nobody in before the rest of it has its ids', async () => {
  const stored: Stored[] = []
  const script = storing(stored)
  await using env = await setUp(
    {
      ...script,
      producer: (session, { requestId, producerName = 'p' }) =>
        session.tell('producerSuccess', { requestId, producerName, lastSequenceId: 0 }),
    },
    {
      maxPendingMessages: 2,
      blockIfQueueFull: true,
      batchingMaxAllowedSizeInBytes: 500,
      initialSequenceId: -1,
    },
  )
  const sent = [message(), message(), message({ data: new Uint8Array(600) })].map((one) =>
    env.producer.send(one),
  )
  const results = await Promise.all(sent)
  expect(results.map(({ sequenceId, duplicate }) => [sequenceId, duplicate])).toEqual([
    [0, true],
    [1, false],
    [2, false],
  ])
})

test('however many wait and are settled as soon as they are let in, the stack does not grow', () => {
  let settled = 0
  let congested = true
  const limits = { maxPendingMessages: 1, maxPendingBytes: 1_000, blockIfQueueFull: true }
  const intake = new Intake(
    limits,
    () => congested,
    (one) => {
      settled++
      intake.release(one)
    },
  )
  for (let count = 0; count < 50_000; count++) intake.offer(item())
  congested = false
  intake.letIn()
  expect(settled).toBe(50_000)
})

test('two who flush while messages wait for room both hear of the end', async () => {
  const stored: Stored[] = []
  await using env = await setUp({}, { maxPendingMessages: 1, blockIfQueueFull: true })
  const sent = [env.producer.send(message()), env.producer.send(message())]
  const flushed = [env.producer.flush(), env.producer.flush()]
  await env.broker.until(() => requests(env.broker, 'send').length === 1)
  env.broker.script(storing(stored))
  env.broker.cut()
  await Promise.all(sent)
  await Promise.all(flushed)
  expect(stored).toHaveLength(2)
}, 3_000)
