import { expect, test } from 'bun:test'
import { beforePulsar, needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { testPulsar } from '../../../tests/support/pulsar.ts'
import { until } from '../../../tests/support/until.ts'
import { Client } from '../client.ts'
import { earliest, latest } from '../message-id.ts'
import { realSetUp, take, takeTexts, textOf } from '../../../tests/support/pulsar-consumer.ts'
import { cuttingProxy } from '../testing/cutting-proxy.ts'
import { numbers } from '../testing/real-setup.ts'

const texts = (count: number) => numbers(count).map(String)

needsPulsar('the topics of a consumer on a real Pulsar', () => {
  beforePulsar(async () => void (await testPulsar()))

  test('one consumer reads several topics and their partitions', async () => {
    await using all = await realSetUp()
    const other = `persistent://${all.namespace}/other`
    await all.admin.topics.createPartitioned(other, 2)
    const consumer = await all.client.subscribe({
      topics: [all.topic, other],
      subscription: 's',
      subscriptionType: 'Failover',
    })
    await all.publish(['a'])
    await all.publish(texts(6), { topic: other })
    const messages = await take(consumer, 7)
    expect(messages.map(textOf).toSorted()).toEqual([...texts(6), 'a'])
    expect(new Set(messages.map((message) => message.getTopicName()))).toEqual(
      new Set([all.topic, `${other}-partition-0`, `${other}-partition-1`]),
    )
    await Promise.all(messages.map((message) => consumer.acknowledge(message)))
    const { subscriptions } = await all.admin.topics.partitionedStats(other)
    expect(subscriptions['s']?.msgBacklog).toBe(0)
  }, 20_000)

  test('a pattern finds the topics that fit, later ones with what they had, and drops deleted ones', async () => {
    await using all = await realSetUp()
    const named = (name: string) => `persistent://${all.namespace}/${name}`
    await all.admin.topics.create(named('orders-1'))
    await all.admin.topics.createPartitioned(named('orders-2'), 2)
    await all.admin.topics.create(named('invoices-1'))
    const consumer = await all.client.subscribe({
      topicsPattern: new RegExp(`${all.namespace}/orders-\\d`),
      patternAutoDiscoveryPeriodMs: 50,
      subscription: 's',
      subscriptionType: 'Shared',
    })
    expect(consumer.topics.toSorted()).toEqual([
      named('orders-1'),
      named('orders-2-partition-0'),
      named('orders-2-partition-1'),
    ])
    await all.admin.topics.create(named('orders-33'))
    await all.publish(['early'], { topic: named('orders-3') })
    expect(await takeTexts(consumer, 1)).toEqual(['early'])
    expect(consumer.topics.includes(named('orders-33'))).toBe(false)
    await all.admin.topics.delete(named('orders-1'), { force: true })
    await until(() => !consumer.topics.includes(named('orders-1')))
    await all.publish(['still'], { topic: named('orders-2') })
    expect(await takeTexts(consumer, 1)).toEqual(['still'])
    expect(await all.admin.topics.list(all.namespace)).not.toContain(named('orders-1'))
  }, 20_000)

  test('a broker tells of new topics at once, also after its connection was cut', async () => {
    await using all = await realSetUp()
    await using proxy = await cuttingProxy(all.serviceUrl)
    await using client = new Client({ serviceUrl: proxy.url })
    const consumer = await client.subscribe({
      topicsPattern: `${all.namespace}/.*`,
      patternAutoDiscoveryPeriodMs: 0,
      subscription: 's',
    })
    for (const name of ['one', 'two', 'three']) {
      await all.publish([name], { topic: `persistent://${all.namespace}/${name}` })
      const [message] = await take(consumer, 1)
      expect(textOf(message!)).toBe(name)
      await consumer.acknowledge(message!)
      proxy.cut()
    }
  }, 20_000)

  test('partitions that are added are consumed from their first message', async () => {
    await using all = await realSetUp({ partitionsUpdateIntervalSeconds: 0.05 })
    await all.admin.topics.createPartitioned(all.topic, 1)
    const consumer = await all.client.subscribe({ topic: all.topic, subscription: 's' })
    const reader = await all.client.createReader({ topic: all.topic, startMessageId: latest })
    await all.admin.topics.updatePartitions(all.topic, 2)
    await all.publish(['new'], { topic: `${all.topic}-partition-1` })
    expect(await takeTexts(consumer, 1)).toEqual(['new'])
    expect(textOf(await reader.readNext(10_000))).toBe('new')
  }, 20_000)

  test('seeking in a partitioned topic: to a message of one partition, to a time, and to either end', async () => {
    await using all = await realSetUp()
    await all.admin.topics.createPartitioned(all.topic, 2)
    const consumer = await all.client.subscribe({ topic: all.topic, subscription: 's' })
    await all.publish(texts(8), { batchingEnabled: false })
    const messages = await take(consumer, 8)
    await Promise.all(messages.map((message) => consumer.acknowledge(message)))
    const of0 = messages.filter(({ id }) => id.partition === 0)
    await consumer.seek(of0[1]!.id)
    expect(await takeTexts(consumer, of0.length - 1)).toEqual(of0.slice(1).map(textOf))
    await consumer.seek(earliest)
    expect((await takeTexts(consumer, 8)).toSorted()).toEqual(texts(8))
    const middle = messages.map((message) => message.getPublishTimestamp()).toSorted()[4]!
    const since = messages.filter((message) => message.getPublishTimestamp() >= middle)
    await consumer.seekTimestamp(middle)
    expect((await takeTexts(consumer, since.length)).toSorted()).toEqual(
      since.map(textOf).toSorted(),
    )
    await consumer.seek(latest)
    await all.publish(['after'])
    expect(await takeTexts(consumer, 1)).toEqual(['after'])
    await consumer.seek(messages[3]!)
    expect(await takeTexts(consumer, 1)).toEqual([textOf(messages[3]!)])
    const other = `persistent://${all.namespace}/other`
    const many = await all.client.subscribe({ topics: [other, `${other}2`], subscription: 's' })
    for (const partition of [0, -1])
      await expect(many.seek({ ...messages[0]!.id, partition })).rejects.toMatchObject({
        code: 'invalid-argument',
      })
  }, 20_000)

  test('unsubscribing deletes the subscription, whose properties were stored with it', async () => {
    await using all = await realSetUp()
    const consumer = await all.client.subscribe({
      topic: all.topic,
      subscription: 's',
      subscriptionProperties: { team: 'blue' },
      properties: { host: 'h1' },
    })
    const subscriptionOf = async () => (await all.admin.topics.stats(all.topic)).subscriptions['s']
    expect(await subscriptionOf()).toMatchObject({
      subscriptionProperties: { team: 'blue' },
      consumers: [{ metadata: { host: 'h1' } }],
    })
    await all.publish(['a', 'b'])
    const acknowledged = (await take(consumer, 2)).map((message) => consumer.acknowledge(message))
    await consumer.unsubscribe()
    // It waited for the receipts that were out: nobody would have answered them after that.
    await Promise.all(acknowledged)
    await expect(consumer.receive()).rejects.toMatchObject({ code: 'closed' })
    expect(await subscriptionOf()).toBeUndefined()
  })

  test('a terminated topic says so once all of it was delivered', async () => {
    await using all = await realSetUp()
    const ended: string[] = []
    const consumer = await all.client.subscribe({
      topic: all.topic,
      subscription: 's',
      onReachedEndOfTopic: (topic) => void ended.push(topic),
    })
    await all.publish(['last'])
    const message = await consumer.receive(10_000)
    expect(consumer.hasReachedEndOfTopic).toBe(false)
    await all.admin.topics.terminate(all.topic)
    await consumer.acknowledge(message)
    await until(() => consumer.hasReachedEndOfTopic)
    expect(ended).toEqual([all.topic])
  })
})
