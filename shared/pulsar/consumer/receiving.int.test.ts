import { expect, test } from 'bun:test'
import { beforePulsar, needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { testPulsar } from '../../../tests/support/pulsar.ts'
import { until } from '../../../tests/support/until.ts'
import { realSetUp, take, takeTexts, textOf } from '../../../tests/support/pulsar-consumer.ts'
import { numbers } from '../testing/real-setup.ts'
import type { Message } from './message.ts'

const texts = (count: number) => numbers(count).map(String)

needsPulsar('receiving from a real Pulsar', () => {
  beforePulsar(async () => void (await testPulsar()))

  test('a consumer that pauses asks for nothing more until it resumes', async () => {
    await using all = await realSetUp()
    const subscription = { topic: all.topic, subscription: 's', receiverQueueSize: 4 }
    const consumer = await all.client.subscribe(subscription)
    await all.publish(texts(20), { batchingEnabled: false })
    await until(() => consumer.stats().queued === 4)
    consumer.pause()
    expect(await takeTexts(consumer, 4)).toEqual(texts(4))
    const permits = async () =>
      (await all.admin.topics.stats(all.topic)).subscriptions['s']?.consumers[0]?.availablePermits
    expect(await permits()).toBe(0)
    expect(consumer.stats().queued).toBe(0)
    consumer.resume()
    expect(await takeTexts(consumer, 16)).toEqual(texts(20).slice(4))
  })

  test('a batch is full with so many messages, so many bytes, or when its time is over', async () => {
    await using all = await realSetUp()
    const consumer = await all.client.subscribe({
      topic: all.topic,
      subscription: 's',
      batchReceivePolicy: { maxNumMessages: 6, timeoutMs: 5_000 },
    })
    await all.publish(texts(10).map((text) => text.repeat(10)))
    expect(await consumer.batchReceive()).toHaveLength(6)
    const byBytes = await consumer.batchReceive({ maxNumBytes: 25, timeoutMs: 5_000 })
    expect(byBytes.map(textOf)).toEqual(['6', '7', '8'].map((text) => text.repeat(10)))
    expect(await consumer.batchReceive({ timeoutMs: 50 })).toHaveLength(1)
    expect(await consumer.batchReceive({ timeoutMs: 1 })).toEqual([])
  })

  test('a listener gets the messages in order, one at a time, and what it throws for again', async () => {
    await using all = await realSetUp()
    const heard: string[] = []
    const failures: string[] = []
    let running = 0
    const done = Promise.withResolvers<void>()
    const consumer = await all.client.subscribe({
      topic: all.topic,
      subscription: 's',
      subscriptionType: 'Shared',
      nAckRedeliverTimeoutMs: 10,
      listener: async (message, from) => {
        expect(++running).toBe(1)
        await new Promise((resolve) => setImmediate(resolve))
        running--
        heard.push(textOf(message))
        if (textOf(message) === '2' && message.getRedeliveryCount() === 0) throw new Error('no')
        await from.acknowledge(message)
        if (heard.length === 6) done.resolve()
      },
      onListenerError: (error, message) => {
        failures.push(
          `${error instanceof Error ? error.message : ''} ${message && textOf(message)}`,
        )
      },
    })
    await all.publish(texts(5), { batchingEnabled: false })
    await done.promise
    expect(heard).toEqual([...texts(5), '2'])
    expect(failures).toEqual(['no 2'])
    expect(consumer.stats()).toEqual({
      received: 6,
      acknowledged: 5,
      negativelyAcknowledged: 1,
      queued: 0,
    })
  })

  test('iterating receives until the consumer is closed', async () => {
    await using all = await realSetUp()
    const consumer = await all.client.subscribe({ topic: all.topic, subscription: 's' })
    await all.publish(texts(3))
    const seen: Message[] = []
    for await (const message of consumer) {
      seen.push(message)
      if (seen.length === 3) void consumer.close()
    }
    expect(seen.map(textOf)).toEqual(texts(3))
  })

  test('a subscription that is not durable loses and repeats nothing over lost connections, and leaves no trace', async () => {
    await using all = await realSetUp()
    const join = () =>
      all.client.subscribe({
        topic: all.topic,
        subscription: 'live',
        subscriptionMode: 'NonDurable',
        nAckRedeliverTimeoutMs: 10,
      })
    await all.publish(['before'])
    const consumer = await join()
    // Nothing received yet: it must begin again where it was opened, not where the topic ends then.
    await all.admin.topics.unload(all.topic)
    await all.publish(['a', 'b'])
    expect(await takeTexts(consumer, 2)).toEqual(['a', 'b'])
    await all.admin.topics.unload(all.topic)
    await all.publish(['c'])
    const [c] = await take(consumer, 1)
    consumer.negativeAcknowledge(c!)
    expect([c!, ...(await take(consumer, 1))].map(textOf)).toEqual(['c', 'c'])
    await consumer.close()
    await until(async () => {
      const { subscriptions } = await all.admin.topics.stats(all.topic)
      return subscriptions['live'] === undefined
    })
  }, 20_000)

  test('a consumer in whose way nothing stands any more is not kept by its other partitions', async () => {
    await using all = await realSetUp()
    await all.admin.topics.createPartitioned(all.topic, 2)
    const consumer = await all.client.subscribe({ topic: all.topic, subscription: 's' })
    await all.publish(texts(4), { batchingEnabled: false })
    const messages = await take(consumer, 4)
    await Promise.all(messages.map((message) => consumer.acknowledge(message)))
    expect(await consumer.getLastMessageIds()).toHaveLength(2)
    await consumer.close()
    const { subscriptions } = await all.admin.topics.partitionedStats(all.topic)
    expect(subscriptions['s']).toMatchObject({ msgBacklog: 0, consumers: [] })
  })
})
