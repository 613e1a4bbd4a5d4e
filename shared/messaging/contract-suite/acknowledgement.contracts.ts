import { deepEqual, equal, ok } from 'node:assert/strict'
import type { SubscriptionType } from '../port.ts'
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

const both: readonly SubscriptionType[] = ['Failover', 'Shared']

const resend = (type: SubscriptionType): Contract => ({
  title: `what is negatively acknowledged on a ${type} subscription comes again, after its rest`,
  async prove({ connect, topic }) {
    const broker = connect()
    const name = await topic(4)
    await publishAll(broker.publisher(), name, texts(100))
    const consumer = await broker.subscribe({
      topics: [name],
      subscription: 's',
      type,
      nackDelayMs: 200,
    })
    const received = await hold(consumer, 100)
    await consumer.acknowledge(received.slice(2))
    await consumer.negativeAcknowledge(received.slice(0, 2))
    deepEqual(await within(consumer, 100), [])
    const again = await hold(consumer, 2)
    deepEqual(new Set(again.map(textOf)), new Set(received.slice(0, 2).map(textOf)))
    await consumer.acknowledge(again)
    await read(broker, name, ['s'])
  },
})

const partial = (type: SubscriptionType): Contract => ({
  title: `after a close only what was not acknowledged comes again on a ${type} subscription`,
  async prove({ connect, topic }) {
    const name = await topic(3)
    const options = { topics: [name], subscription: 's', type } as const
    const broker = connect()
    await publishAll(broker.publisher(), name, texts(100))
    const consumer = await broker.subscribe(options)
    const received = await hold(consumer, 100)
    await consumer.acknowledge(received.filter((_, i) => i % 3 !== 0))
    await broker.close()
    const rest = received.filter((_, i) => i % 3 === 0).map(textOf)
    const next = await connect().subscribe(options)
    deepEqual(new Set((await hold(next, rest.length)).map(textOf)), new Set(rest))
    deepEqual(await within(next, 100), [])
  },
})

const continued = (type: SubscriptionType): Contract => ({
  title: `5,000 messages read on a ${type} subscription in five lives of a client are complete`,
  timeoutMs: 20_000,
  async prove({ connect, topic }) {
    const name = await topic(4)
    await publishAll(connect().publisher(), name, texts(5000))
    const seen = new Set<string>()
    for (const life of range(5)) {
      const broker = connect()
      const consumer = await broker.subscribe({ topics: [name], subscription: 's', type })
      while (seen.size < (life + 1) * 1000) {
        const received = await hold(consumer, 100)
        for (const one of received) seen.add(textOf(one))
        await consumer.acknowledge(received)
      }
      await consumer.close()
      await consumer.close()
      await broker.close()
      await broker.close()
    }
    deepEqual(seen, new Set(texts(5000)))
  },
})

const seek = (type: SubscriptionType): Contract => ({
  title: `a ${type} subscription moves to the start, the end, a time or a message`,
  async prove({ connect, topic }) {
    const broker = connect()
    const name = await topic(1)
    const publisher = broker.publisher()
    await publishAll(publisher, name, texts(50, 'old'))
    await new Promise((resolve) => setTimeout(resolve, 20))
    await publishAll(publisher, name, texts(50, 'new'))
    const consumer = await broker.subscribe({ topics: [name], subscription: 's', type })
    const all = await hold(consumer, 100)
    await consumer.acknowledge(all.slice(0, 70))
    await consumer.seek('earliest')
    deepEqual((await hold(consumer, 100)).map(textOf), all.map(textOf))
    await consumer.seek('latest')
    deepEqual(await within(consumer, 100), [])
    const time = all[50]?.publishTime ?? new Date()
    await consumer.seek({ time })
    deepEqual((await hold(consumer, 50)).map(textOf), texts(50, 'new'))
    await consumer.seek({ id: all[90]?.id ?? '' })
    deepEqual((await hold(consumer, 10)).map(textOf), texts(50, 'new').slice(40))
  },
})

export const acknowledgementContracts: readonly Contract[] = [
  ...both.map(resend),
  ...both.map(partial),
  ...both.map(continued),
  ...both.map(seek),
  {
    title: 'to move to a message moves its partition, and nothing is lost in the others',
    async prove({ connect, topic }) {
      const broker = connect()
      const name = await topic(2)
      await publishAll(broker.publisher(), name, texts(40))
      const options = { topics: [name], subscription: 's', type: 'Failover' } as const
      const consumer = await broker.subscribe(options)
      const all = await hold(consumer, 40)
      const mine = all.filter(({ partition }) => partition === 0)
      await consumer.seek({ id: mine[0]?.id ?? '' })
      await consumer.acknowledge(all.filter(({ partition }) => partition === 1))
      const reading = readAll([consumer])
      await reading.complete(mine.length)
      await read(broker, name, ['s'])
      await reading.stop()
      const again = reading.received.filter(({ partition }) => partition === 0)
      deepEqual(again.map(textOf), mine.map(textOf))
    },
  },
  {
    title: 'an acknowledgement is stored when it resolves, whatever happens to the client then',
    needs: ['receipts'],
    async prove({ connect, topic }) {
      const broker = connect()
      const name = await topic(2)
      await publishAll(broker.publisher(), name, texts(40))
      const options = { topics: [name], subscription: 's', type: 'Failover' } as const
      const consumer = await broker.subscribe(options)
      await consumer.acknowledge(await hold(consumer, 40))
      deepEqual((await connect().stats(name)).subscriptions, [{ name: 's', backlog: 0 }])
    },
  },
  {
    title: 'what rejecting consumers leave behind arrives in the end',
    timeoutMs: 20_000,
    async prove({ connect, topic }) {
      const broker = connect()
      const name = await topic(2)
      await publishAll(broker.publisher(), name, texts(50))
      const options = { topics: [name], subscription: 's', type: 'Shared', nackDelayMs: 1 } as const
      for (const _ of range(3)) {
        const consumer = await broker.subscribe(options)
        for (let rejected = 0; rejected < 100;) {
          const received = await consumer.receive(10)
          await consumer.negativeAcknowledge(received)
          rejected += received.length
        }
        await consumer.close()
      }
      const reading = readAll([await broker.subscribe(options)])
      await reading.complete(50)
      await reading.stop()
    },
  },
  ...(['Failover', 'Shared', 'Key_Shared'] as const).map((type): Contract => ({
    title: `never more is unacknowledged on a ${type} subscription than the receiver queue holds`,
    needs: needsOf(type),
    async prove({ connect, topic }) {
      const broker = connect()
      const name = await topic(4)
      await publishAll(broker.publisher(), name, texts(200))
      const options = { topics: [name], subscription: 's', type, receiverQueueSize: 20 }
      const consumer = await broker.subscribe(options)
      const held = await hold(consumer, 20)
      deepEqual(await within(consumer, 50), [])
      const next = consumer.receive(100)
      await consumer.acknowledge(held)
      ok((await next).length > 0)
    },
  })),
  {
    title: 'a receive ends empty when it is aborted or the consumer closes',
    async prove({ connect, topic }) {
      const options = { topics: [await topic(1)], subscription: 's', type: 'Failover' } as const
      const consumer = await connect().subscribe(options)
      const stopping = new AbortController()
      const aborted = consumer.receive(1, stopping.signal)
      stopping.abort()
      deepEqual(await aborted, [])
      const waiting = consumer.receive(1)
      await consumer.close()
      deepEqual(await waiting, [])
      deepEqual(await consumer.receive(1), [])
    },
  },
  {
    title: 'a delayed message never comes early, to other consumers neither',
    needs: ['delay'],
    async prove({ connect, topic }) {
      const broker = connect()
      const name = await topic(1)
      const options = { topics: [name], subscription: 's', type: 'Shared' } as const
      const first = await broker.subscribe(options)
      const due = Date.now() + 400
      const delayed = { ...message('later'), deliverAt: new Date(due) }
      await broker.publisher().publish(name, delayed)
      await broker.publisher().publish(name, message('now'))
      deepEqual((await hold(first, 1)).map(textOf), ['now'])
      await first.close()
      const second = await connect().subscribe(options)
      const received = await hold(second, 2)
      const late = received.find((one) => textOf(one) === 'later')
      ok(late)
      // Both clocks are this machine's.
      ok(Date.now() >= due)
      equal(received.length, 2)
    },
  },
]
