import { deepEqual, equal, notEqual } from 'node:assert/strict'
import type { Consumer, SubscriptionType } from '../port.ts'
import { type Contract, needsOf } from './contract.ts'
import {
  hold,
  message,
  publishAll,
  range,
  read,
  readAll,
  textOf,
  texts,
  within,
} from './traffic.ts'

const types: readonly SubscriptionType[] = ['Exclusive', 'Failover', 'Shared', 'Key_Shared']

const complete = (type: SubscriptionType): Contract => ({
  title: `a ${type} subscription gives messages as they were published, those before it too`,
  needs: needsOf(type),
  async prove({ connect, topic }) {
    const broker = connect()
    const name = await topic(4)
    const sent = texts(100).map((text, i) => ({
      ...message(text, `key-${i % 7}`),
      properties: { text, quote: `"'\\,{}é${i}` },
      eventTime: new Date(1_700_000_000_000 + i),
    }))
    const publisher = broker.publisher()
    const ids = await Promise.all(sent.map((one) => publisher.publish(name, one)))
    const consumer = await broker.subscribe({ topics: [name], subscription: 's', type })
    const received = await hold(consumer, 100)
    const found = new Map(received.map((one) => [one.id, one]))
    equal(new Set(ids).size, 100)
    sent.forEach((one, i) => {
      const got = found.get(ids[i] ?? '')
      deepEqual(
        [got?.topic, got?.key, { ...got?.properties }, got && textOf(got), got?.eventTime],
        [name, one.key, one.properties, textOf(one), one.eventTime],
      )
    })
  },
})

const concurrent = (type: SubscriptionType): Contract => ({
  title: `5,000 messages of 50 publishers all reach 50 consumers of a ${type} subscription`,
  timeoutMs: 30_000,
  async prove({ connect, topic }) {
    const broker = connect()
    const name = await topic(16)
    const options = { topics: [name], subscription: 's', type }
    const consumers = await Promise.all(range(50).map(() => broker.subscribe(options)))
    const reading = readAll(consumers)
    const sent = range(50).map((i) => texts(100, `p${i}`))
    await Promise.all(sent.map((some) => publishAll(broker.publisher(), name, some)))
    await reading.complete(5000, 20_000)
    await reading.stop()
    deepEqual(new Set(reading.received.map(textOf)), new Set(sent.flat()))
  },
})

/** What comes until the consumer says that it has had everything. */
const toTheEnd = async (consumer: Consumer): Promise<readonly string[]> => {
  const reached = await consumer.noteEnd?.()
  if (!reached) throw new Error('this consumer cannot tell')
  const received: string[] = []
  while (!reached()) {
    // One by one, so that some wait while the last has been fetched already.
    const messages = await consumer.receive(1, AbortSignal.timeout(5000))
    if (messages.length === 0) throw new Error(`nothing came after ${received.length} messages`)
    received.push(...messages.map(textOf))
    await consumer.acknowledge(messages)
  }
  return received
}

export const deliveryContracts: readonly Contract[] = [
  ...types.map(complete),
  concurrent('Failover'),
  concurrent('Shared'),
  {
    title: 'twenty topics at once never mix',
    timeoutMs: 20_000,
    async prove({ connect, topic }) {
      const broker = connect()
      const names = await Promise.all(range(20).map(() => topic(2)))
      const publisher = broker.publisher()
      await Promise.all(names.map((name) => publishAll(publisher, name, texts(50, name))))
      const readOne = async (name: string) => {
        const options = { topics: [name], subscription: 's', type: 'Failover' } as const
        const received = await hold(await broker.subscribe(options), 50)
        deepEqual(new Set(received.map(textOf)), new Set(texts(50, name)))
      }
      await Promise.all(names.map(readOne))
    },
  },
  {
    title: 'one consumer reads several topics',
    async prove({ connect, topic }) {
      const broker = connect()
      const names = [await topic(2), await topic(3)]
      const options = { topics: names, subscription: 's', type: 'Failover' } as const
      const consumer = await broker.subscribe(options)
      for (const name of names) await publishAll(broker.publisher(), name, texts(10, name))
      const received = await hold(consumer, 20)
      for (const one of received) equal(textOf(one).startsWith(one.topic), true)
    },
  },
  {
    title: 'two subscriptions each get everything',
    async prove({ connect, topic }) {
      const broker = connect()
      const name = await topic(4)
      await publishAll(broker.publisher(), name, texts(100))
      for (const [subscription, type] of [
        ['a', 'Failover'],
        ['b', 'Shared'],
      ] as const) {
        const consumer = await broker.subscribe({ topics: [name], subscription, type })
        const received = await hold(consumer, 100)
        await consumer.acknowledge(received)
        deepEqual(new Set(received.map(textOf)), new Set(texts(100)))
      }
      await read(broker, name, ['a', 'b'])
    },
  },
  {
    title:
      'a subscription from latest sees only what comes after it, one made ahead misses nothing',
    async prove({ connect, topic }) {
      const broker = connect()
      const name = await topic(2)
      await publishAll(broker.publisher(), name, texts(10, 'before'))
      await broker.ensureSubscription(name, 'ahead', 'latest')
      await publishAll(broker.publisher(), name, texts(10, 'between'))
      const options = { topics: [name], type: 'Failover' } as const
      const late = await broker.subscribe({ ...options, subscription: 'late', from: 'latest' })
      const ahead = await broker.subscribe({ ...options, subscription: 'ahead' })
      await publishAll(broker.publisher(), name, texts(10, 'after'))
      deepEqual(new Set((await hold(late, 10)).map(textOf)), new Set(texts(10, 'after')))
      const both = [...texts(10, 'between'), ...texts(10, 'after')]
      deepEqual(new Set((await hold(ahead, 20)).map(textOf)), new Set(both))
    },
  },
  {
    title:
      'every non-durable consumer sees everything from its start on, and leaves nothing behind',
    async prove({ connect, topic }) {
      const broker = connect()
      const name = await topic(4)
      await publishAll(broker.publisher(), name, texts(10, 'before'))
      const options = {
        topics: [name],
        subscription: 's',
        type: 'Exclusive',
        durable: false,
      } as const
      const [one, two] = [
        await broker.subscribe({ ...options, from: 'latest' }),
        await connect().subscribe({ ...options, from: 'latest' }),
      ]
      await publishAll(broker.publisher(), name, texts(100))
      for (const consumer of [one, two])
        deepEqual(new Set((await hold(consumer, 100)).map(textOf)), new Set(texts(100)))
      await one.close()
      const again = await broker.subscribe({ ...options, from: 'latest' })
      deepEqual(await within(again, 100), [])
      deepEqual((await broker.stats(name)).subscriptions, [])
    },
  },
  {
    title: 'a non-durable consumer knows when it has had all there is, from a time on too',
    needs: ['end'],
    async prove({ connect, topic }) {
      const broker = connect()
      const [name, empty] = [await topic(4), await topic(2)]
      const publisher = broker.publisher()
      await publishAll(publisher, name, texts(40, 'old'))
      await new Promise((resolve) => setTimeout(resolve, 20))
      const time = new Date()
      // In two of the partitions at most.
      await publishAll(publisher, name, texts(12, 'new'), (text) => `key-${text.length}`)
      const from = (where: 'earliest' | 'latest') =>
        broker.subscribe({
          topics: [name, empty],
          subscription: 's',
          type: 'Exclusive',
          durable: false,
          from: where,
          receiverQueueSize: 10,
        })
      const all = [...texts(40, 'old'), ...texts(12, 'new')]
      const consumer = await from('earliest')
      deepEqual(new Set(await toTheEnd(consumer)), new Set(all))
      deepEqual(await toTheEnd(consumer), [])
      const since = new Set(texts(12, 'new'))
      for (const one of [consumer, await from('latest'), await from('latest')]) {
        // What is published while it moves must not move it on.
        const meanwhile = texts(8, `meanwhile-${since.size}`)
        await Promise.all([one.seek({ time }), publishAll(publisher, name, meanwhile)])
        for (const text of meanwhile) since.add(text)
        deepEqual(new Set(await toTheEnd(one)), since)
      }
      await consumer.seek({ time: new Date(Date.now() + 1000) })
      deepEqual(await toTheEnd(consumer), [])
      const noted = await consumer.noteEnd?.()
      await publishAll(publisher, name, texts(2, 'later'))
      equal(noted?.(), true)
    },
  },
  {
    title: 'topics and subscriptions made by many at once are made once',
    async prove({ connect, topic }) {
      const brokers = range(5).map(connect)
      const name = await topic(3)
      await Promise.all(brokers.map((broker) => broker.ensureTopic(name, 3)))
      await Promise.all(brokers.map((broker) => broker.ensureSubscription(name, 's')))
      const fresh = `${name}-fresh`
      await Promise.all(brokers.map((broker) => broker.ensureTopic(fresh, 5)))
      for (const [made, partitions] of [
        [name, 3],
        [fresh, 5],
      ] as const)
        for (const broker of brokers) equal((await broker.stats(made)).partitions, partitions)
      notEqual(name, fresh)
    },
  },
]
