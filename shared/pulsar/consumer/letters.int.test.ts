import { expect, test } from 'bun:test'
import { beforePulsar, needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { testPulsar } from '../../../tests/support/pulsar.ts'
import { until } from '../../../tests/support/until.ts'
import { formatMessageId } from '../message-id.ts'
import { realSetUp, take, textOf } from '../../../tests/support/pulsar-consumer.ts'
import { bytesOf, storedTexts } from '../testing/real-setup.ts'

const shared = { subscription: 's', subscriptionType: 'Shared' } as const

needsPulsar('dead letters and retry letters on a real Pulsar', () => {
  beforePulsar(async () => void (await testPulsar()))

  test('a message refused once too often becomes a dead letter, kept for whoever inspects it', async () => {
    await using all = await realSetUp()
    const consumer = await all.client.subscribe({
      topic: all.topic,
      ...shared,
      nAckRedeliverTimeoutMs: 10,
      deadLetterPolicy: { maxRedeliverCount: 2, initialSubscriptionName: 'inspect' },
    })
    const producer = await all.client.createProducer({ topic: all.topic })
    const { messageId } = await producer.send({
      data: bytesOf('poison'),
      partitionKey: 'key',
      orderingKey: bytesOf('order'),
      eventTimestamp: 77,
      properties: { mine: 'kept' },
    })
    for (const count of [0, 1, 2]) {
      const message = await consumer.receive(10_000)
      expect(message.getRedeliveryCount()).toBe(count)
      consumer.negativeAcknowledge(message)
    }
    const backlogOf = async (topic: string, subscription: string) =>
      (await all.admin.topics.stats(topic)).subscriptions[subscription]?.msgBacklog
    await until(async () => (await backlogOf(all.topic, 's')) === 0)
    const dead = await all.client.subscribe({
      topic: `${all.topic}-s-DLQ`,
      subscription: 'inspect',
    })
    const letter = await dead.receive(10_000)
    expect(textOf(letter)).toBe('poison')
    expect([letter.getPartitionKey(), letter.getEventTimestamp()]).toEqual(['key', 77])
    expect(new TextDecoder().decode(letter.getOrderingKey())).toBe('order')
    expect({ ...letter.getProperties() }).toEqual({
      mine: 'kept',
      REAL_TOPIC: all.topic,
      ORIGIN_MESSAGE_ID: formatMessageId(messageId),
    })
  })

  test('of a batch only what was not acknowledged becomes dead letters', async () => {
    await using all = await realSetUp()
    const deadLetterTopic = `persistent://${all.namespace}/dead`
    const consumer = await all.client.subscribe({
      topic: all.topic,
      ...shared,
      ackTimeoutMs: 50,
      deadLetterPolicy: { maxRedeliverCount: 1, deadLetterTopic },
    })
    await all.admin.topics.create(deadLetterTopic)
    await all.admin.subscriptions.create(deadLetterTopic, 'keep', 'earliest')
    await all.publish(['a', 'b', 'c'])
    await take(consumer, 3)
    const [a, b, c] = await take(consumer, 3)
    expect([a!, b!, c!].map((message) => message.getRedeliveryCount())).toEqual([1, 1, 1])
    await consumer.acknowledge(b!)
    await until(async () => (await storedTexts(all.client, deadLetterTopic)).length === 2)
    expect(await storedTexts(all.client, deadLetterTopic)).toEqual(['a', 'c'])
    await until(
      async () => (await all.admin.topics.stats(all.topic)).subscriptions['s']?.msgBacklog === 0,
    )
  })

  test('a message put off comes again, counted, and after the last time as a dead letter', async () => {
    await using all = await realSetUp()
    const consumer = await all.client.subscribe({
      topic: all.topic,
      ...shared,
      retryEnable: true,
      deadLetterPolicy: { maxRedeliverCount: 2, initialSubscriptionName: 'inspect' },
    })
    await all.publish(['later'])
    const first = await consumer.receive(10_000)
    await consumer.reconsumeLater(first, 20)
    for (const times of ['1', '2']) {
      const message = await consumer.receive(10_000)
      expect(message.getTopicName()).toBe(`${all.topic}-s-RETRY`)
      expect(message.getProperties()).toMatchObject({
        RECONSUMETIMES: times,
        DELAY_TIME: '20',
        REAL_TOPIC: all.topic,
        ORIGIN_MESSAGE_ID: formatMessageId(first.id),
      })
      await consumer.reconsumeLater(message, 20)
    }
    const dead = await all.client.subscribe({
      topic: `${all.topic}-s-DLQ`,
      subscription: 'inspect',
    })
    const letter = await dead.receive(10_000)
    expect([textOf(letter), letter.getProperties()['RECONSUMETIMES']]).toEqual(['later', '3'])
    expect(letter.getPartitionKey()).toBe('later')
  }, 20_000)
})
