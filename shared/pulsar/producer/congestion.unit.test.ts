import { expect, test } from 'bun:test'
import { ids, message, setUp, storing, type Stored } from '../testing/producer-setup.ts'
import type { ProducerOptions } from './options.ts'

const size = 256 * 1024

/** A broker of large messages, each an entry, that reads nothing from `stop` until `read`. */
const slow = async (options: Partial<ProducerOptions> = {}) => {
  const stored: Stored[] = []
  const script = {
    ...storing(stored),
    connect: (session: Parameters<NonNullable<ReturnType<typeof storing>['send']>>[0]) =>
      session.tell('connected', { serverVersion: 'fake', maxMessageSize: 5 * 1024 * 1024 }),
  }
  const all = await setUp(script, { batchingEnabled: false, sendTimeoutMs: 0, ...options })
  const stop = () => {
    for (const { socket } of all.broker.sessions) socket.pause()
  }
  return {
    stop,
    stored,
    client: all.client,
    producer: all.producer,
    read: () => {
      for (const { socket } of all.broker.sessions) socket.resume()
    },
    send: () => all.producer.send(message({ data: new Uint8Array(size) })),
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  }
}

test('a broker that reads slowly lets a few MiB wait for it, then messages are refused until it reads', async () => {
  await using all = await slow()
  all.stop()
  const sent: Promise<unknown>[] = []
  let refusal: unknown
  while (refusal === undefined) {
    expect(sent.length * size).toBeLessThan(48 * 1024 * 1024)
    sent.push(all.send().catch((error: unknown) => (refusal = error)))
    await all.turn()
  }
  expect(refusal).toMatchObject({ code: 'queue-full', retriable: true })
  expect(String(refusal)).toContain('reads more slowly')
  all.read()
  await all.producer.flush()
  await all.send()
  expect(ids(all.stored)).toEqual(sent.map((_, at) => [at, at]))
})

test('with blockIfQueueFull they wait instead, keep their order, and a flush waits for them too', async () => {
  await using all = await slow({ blockIfQueueFull: true })
  all.stop()
  const count = 100
  const order: number[] = []
  for (let at = 0; at < count; at++) {
    void all.send().then(() => order.push(at))
    await all.turn()
  }
  const flushed = all.producer.flush()
  all.read()
  await flushed
  expect(order).toEqual(Array.from({ length: count }, (_, at) => at))
  expect(ids(all.stored)).toEqual(order.map((at) => [at, at]))
})

test('a message that waits because of another producer is sent when the connection has drained', async () => {
  await using all = await slow()
  const other = await all.client.createProducer({ topic: 'u', blockIfQueueFull: true })
  all.stop()
  let refused = false
  while (!refused) {
    all.send().catch(() => (refused = true))
    await all.turn()
  }
  const sent = other.send(message())
  all.read()
  expect(await sent).toMatchObject({ sequenceId: 0 })
})

test('a flush waits for messages that had to wait for room, whatever the linger time', async () => {
  const stored: Stored[] = []
  await using all = await setUp(storing(stored), {
    maxPendingMessages: 2,
    blockIfQueueFull: true,
    batchingMaxPublishDelayMs: 60_000,
  })
  const sent = Array.from({ length: 9 }, () => all.producer.send(message()))
  await all.producer.flush()
  expect(await Promise.all(sent.map((one) => Promise.race([one, undefined])))).not.toContain(
    undefined,
  )
})
