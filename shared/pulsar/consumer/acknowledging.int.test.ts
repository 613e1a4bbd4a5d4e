import { expect, test } from 'bun:test'
import { beforePulsar, needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { testPulsar } from '../../../tests/support/pulsar.ts'
import { until } from '../../../tests/support/until.ts'
import { Client } from '../client.ts'
import { realSetUp, take, takeTexts, textOf } from '../../../tests/support/pulsar-consumer.ts'
import { cuttingProxy } from '../testing/cutting-proxy.ts'
import { numbers } from '../testing/real-setup.ts'

const texts = (count: number) => numbers(count).map(String)

needsPulsar('acknowledgements on a real Pulsar', () => {
  beforePulsar(async () => void (await testPulsar()))

  test('a cumulative acknowledgement covers what came before, even in the middle of a batch', async () => {
    await using all = await realSetUp()
    for (const batchIndexAckEnabled of [true, false]) {
      const options = {
        topic: all.topic,
        subscription: `index ${batchIndexAckEnabled}`,
        subscriptionInitialPosition: 'Earliest',
        batchIndexAckEnabled,
      } as const
      const first = await all.client.subscribe(options)
      if (batchIndexAckEnabled) await all.publish(texts(15), { batchingMaxMessages: 5 })
      const messages = await take(first, 15)
      await first.acknowledgeCumulative(messages[7]!)
      await first.close()
      const second = await all.client.subscribe(options)
      // Without batch indexes the broker knows entries only: the batch of the 7 comes whole.
      const from = batchIndexAckEnabled ? 8 : 5
      expect(await takeTexts(second, 15 - from)).toEqual(texts(15).slice(from))
    }
  })

  test('what was acknowledged within a batch stays so when the connection is cut', async () => {
    await using all = await realSetUp()
    await using proxy = await cuttingProxy(all.serviceUrl)
    await using client = new Client({ serviceUrl: proxy.url })
    const consumer = await client.subscribe({
      topic: all.topic,
      subscription: 's',
      subscriptionType: 'Shared',
      batchIndexAckEnabled: true,
    })
    await all.publish(texts(10))
    const messages = await take(consumer, 10)
    await Promise.all([1, 3, 9].map((at) => consumer.acknowledge(messages[at]!)))
    proxy.cut()
    const again = await take(consumer, 7)
    expect(again.map(textOf)).toEqual(['0', '2', '4', '5', '6', '7', '8'])
    // It could not be known any more whether the first one got through.
    await expect(consumer.acknowledge(messages[0]!)).rejects.toMatchObject({
      code: 'connection',
      retriable: true,
    })
    await Promise.all(again.map((message) => consumer.acknowledge(message)))
    expect((await all.admin.topics.stats(all.topic)).subscriptions['s']?.msgBacklog).toBe(0)
  }, 20_000)

  test('without receipts acknowledgements are gathered, and all of them known before it closes', async () => {
    await using all = await realSetUp()
    const consumer = await all.client.subscribe({
      topic: all.topic,
      subscription: 's',
      subscriptionType: 'Shared',
      ackReceiptEnabled: false,
      ackGroupTimeMs: 60_000,
    })
    await all.publish(texts(10), { batchingEnabled: false })
    for (const message of await take(consumer, 10)) await consumer.acknowledge(message)
    const backlog = async () =>
      (await all.admin.topics.stats(all.topic)).subscriptions['s']?.msgBacklog
    expect(await backlog()).toBe(10)
    await consumer.close()
    await until(async () => (await backlog()) === 0)
  })

  test('without receipts a message of a lost connection is acknowledged in vain and comes again', async () => {
    await using all = await realSetUp()
    await using proxy = await cuttingProxy(all.serviceUrl)
    await using client = new Client({ serviceUrl: proxy.url })
    const consumer = await client.subscribe({
      topic: all.topic,
      subscription: 's',
      ackReceiptEnabled: false,
    })
    await all.publish(['a'])
    const message = await consumer.receive(10_000)
    proxy.cut()
    await until(() => !consumer.isConnected)
    await consumer.acknowledge(message)
    expect(textOf(await consumer.receive(10_000))).toBe('a')
  }, 20_000)

  test('a message not acknowledged in time comes again, one acknowledged does not', async () => {
    await using all = await realSetUp()
    const consumer = await all.client.subscribe({
      topic: all.topic,
      subscription: 's',
      subscriptionType: 'Shared',
      ackTimeoutMs: 100,
    })
    await all.publish(['a', 'b', 'c'], { batchingEnabled: false })
    const [a, b, c] = await take(consumer, 3)
    await consumer.acknowledge(b!)
    const again = await take(consumer, 2)
    expect(again.map(textOf).toSorted()).toEqual([a!, c!].map(textOf).toSorted())
    expect(again.map((message) => message.getRedeliveryCount())).toEqual([1, 1])
    await Promise.all(again.map((message) => consumer.acknowledge(message)))
    expect((await all.admin.topics.stats(all.topic)).subscriptions['s']?.msgBacklog).toBe(0)
  })

  test('an Exclusive consumer that refuses a message gets all again that is not acknowledged', async () => {
    await using all = await realSetUp()
    const consumer = await all.client.subscribe({
      topic: all.topic,
      subscription: 's',
      nAckRedeliverTimeoutMs: 20,
    })
    await all.publish(texts(4), { batchingEnabled: false })
    const messages = await take(consumer, 3)
    await consumer.acknowledge(messages[0]!)
    consumer.negativeAcknowledge(messages[1]!)
    await until(() => consumer.stats().queued === 3)
    const again = await take(consumer, 3)
    expect(again.map(textOf)).toEqual(['1', '2', '3'])
    expect(again.map((message) => message.getRedeliveryCount())).toEqual([0, 0, 0])
  })

  test('ids alone are enough to acknowledge and to refuse, also after the connection was lost', async () => {
    await using all = await realSetUp()
    await all.admin.topics.createPartitioned(all.topic, 2)
    const options = { topic: all.topic, subscription: 's', nAckRedeliverTimeoutMs: 10 }
    const consumer = await all.client.subscribe({ ...options, subscriptionType: 'Shared' })
    await all.publish(texts(6), { batchingEnabled: false })
    const messages = await take(consumer, 6)
    consumer.negativeAcknowledgeId(messages[0]!.id)
    expect(textOf((await take(consumer, 1))[0]!)).toBe(textOf(messages[0]!))
    await all.admin.topics.unload(all.topic)
    await take(consumer, 6)
    await Promise.all(messages.map(({ id }) => consumer.acknowledgeId(id)))
    const { subscriptions } = await all.admin.topics.partitionedStats(all.topic)
    expect(subscriptions['s']?.msgBacklog).toBe(0)
    await consumer.close()
    await all.publish(texts(4), { topic: `${all.topic}-partition-1` })
    const second = await all.client.subscribe({ ...options, batchIndexAckEnabled: true })
    const batch = await take(second, 4)
    await second.acknowledgeCumulativeId(batch[1]!.id)
    await second.close()
    expect(await takeTexts(await all.client.subscribe(options), 2)).toEqual(['2', '3'])
  }, 20_000)

  test('the time until a refused message comes again grows as its policy says', async () => {
    await using all = await realSetUp()
    const asked: number[] = []
    const consumer = await all.client.subscribe({
      topic: all.topic,
      subscription: 's',
      subscriptionType: 'Shared',
      negativeAckRedeliveryBackoff: (count) => {
        asked.push(count)
        return 10 * 2 ** count
      },
    })
    await all.publish(['a'])
    for (let count = 0; count < 3; count++)
      consumer.negativeAcknowledge(await consumer.receive(10_000))
    expect((await consumer.receive(10_000)).getRedeliveryCount()).toBe(3)
    expect(asked).toEqual([0, 1, 2])
  })
})
