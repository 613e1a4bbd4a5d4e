import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import type { Publisher } from '../port.ts'
import { type Contract, needsOf } from './contract.ts'
import {
  eventually,
  hold,
  message,
  publishAll,
  range,
  readAll,
  slug,
  textOf,
  texts,
} from './traffic.ts'

const insist = async (publisher: Publisher, topic: string, text: string): Promise<void> => {
  for (;;) {
    try {
      await publisher.publish(topic, message(text))
      return
    } catch (error) {
      if (!slug('broker-unavailable')(error)) throw error
    }
  }
}

export const failureContracts: readonly Contract[] = [
  {
    title: 'closing a publisher stores what it was given and refuses the rest',
    timeoutMs: 30_000,
    async prove({ connect, topic }) {
      const broker = connect()
      const name = await topic(16)
      await broker.ensureSubscription(name, 's')
      const publishers = range(20).map(() => broker.publisher())
      const sending = publishers.map((one, i) => publishAll(one, name, texts(500, `p${i}`)))
      await Promise.all(publishers.map((one) => one.close()))
      await rejects(publishers[0]?.publish(name, message('late')) ?? Promise.resolve())
      await Promise.all(sending)
      const options = { topics: [name], subscription: 's', type: 'Failover' } as const
      const reading = readAll([await broker.subscribe(options)], 1000)
      await reading.complete(10_000, 20_000)
      await reading.stop()
      equal(reading.received.length, 10_000)
    },
  },
  {
    title: 'a backlog counts the messages that are not acknowledged',
    needs: ['exact-backlog'],
    async prove({ connect, topic }) {
      const broker = connect()
      const name = await topic(4)
      await broker.ensureSubscription(name, 's')
      await publishAll(broker.publisher(), name, texts(1000))
      deepEqual((await connect().stats(name)).subscriptions, [{ name: 's', backlog: 1000 }])
    },
  },
  ...(['Failover', 'Key_Shared'] as const).map((type): Contract => ({
    title: `ten clients that subscribe with ${type} and close at once harm nobody after them`,
    needs: needsOf(type),
    timeoutMs: 20_000,
    async prove({ connect, topic }) {
      const name = await topic(4)
      const options = { topics: [name], subscription: 's', type }
      await Promise.all(
        range(10).map(async () => {
          const broker = connect()
          await (await broker.subscribe(options)).close()
          await broker.close()
        }),
      )
      const broker = connect()
      const consumer = await broker.subscribe({ ...options, from: 'earliest' })
      await publishAll(broker.publisher(), name, texts(50))
      const received = readAll([consumer])
      await received.complete(50)
      await received.stop()
    },
  })),
  {
    title: 'a message that is too large is refused at once, and the ones beside it are not',
    async prove({ connect, topic }) {
      const broker = connect()
      const name = await topic(1)
      const publisher = broker.publisher()
      const large = { ...message('large'), payload: new Uint8Array(5 * 1024 * 1024 + 1) }
      const beside = publishAll(publisher, name, texts(10))
      await rejects(publisher.publish(name, large), slug('message-too-large'))
      await beside
      const fits = { ...message('fits'), payload: new Uint8Array(5_000_000).fill(7) }
      await publisher.publish(name, fits)
      const options = { topics: [name], subscription: 's', type: 'Failover' } as const
      const received = await hold(await broker.subscribe(options), 11)
      equal(Buffer.compare(received[10]?.payload ?? new Uint8Array(), fits.payload), 0)
    },
  },
  {
    title: 'a topic that does not exist is an error that names it',
    async prove({ connect }) {
      const broker = connect()
      await rejects(broker.publisher().publish('nowhere', message('x')), /nowhere/)
      const options = { topics: ['nowhere'], subscription: 's', type: 'Shared' } as const
      await rejects(broker.subscribe(options), /nowhere/)
    },
  },
  {
    title: 'an exclusive subscription refuses a second consumer while it has one',
    async prove({ connect, topic }) {
      const options = { topics: [await topic(1)], subscription: 's', type: 'Exclusive' } as const
      const first = await connect().subscribe(options)
      await rejects(connect().subscribe(options), slug('subscription-busy'))
      await first.close()
      await (await connect().subscribe(options)).close()
    },
  },
  {
    title:
      'while the broker is away publishing and receiving end in a typed error, and go on after it',
    needs: ['restart'],
    timeoutMs: 40_000,
    async prove({ connect, topic, kill, start }) {
      const broker = connect()
      const name = await topic(2)
      const publisher = broker.publisher()
      const options = { topics: [name], subscription: 's', type: 'Failover' } as const
      const consumer = await broker.subscribe(options)
      await publisher.publish(name, message('before'))
      await consumer.acknowledge(await hold(consumer, 1))
      const waiting = consumer.receive(1)
      await kill()
      await rejects(waiting, slug('broker-unavailable'))
      await rejects(consumer.receive(1), slug('broker-unavailable'))
      await rejects(broker.check(), slug('broker-unavailable'))
      await rejects(publisher.publish(name, message('during')), (error: unknown) => {
        ok(error instanceof Error && 'sendBegan' in error)
        return typeof error.sendBegan === 'boolean' && slug('broker-unavailable')(error)
      })
      await start()
      const reading = readAll([consumer])
      await insist(publisher, name, 'after')
      await eventually(
        () => reading.received.some((one) => textOf(one) === 'after'),
        () => reading.received.map(textOf).join(),
      )
      await reading.stop()
    },
  },
  {
    title: '10,000 messages of 100 publishers all arrive though the broker is killed twice',
    needs: ['restart'],
    timeoutMs: 60_000,
    async prove({ connect, topic, kill, start }) {
      const name = await topic(8)
      const options = { topics: [name], subscription: 's', type: 'Failover' } as const
      const consumers = [await connect().subscribe(options), await connect().subscribe(options)]
      const reading = readAll(consumers)
      const publisher = connect().publisher()
      let stored = 0
      const sending = range(100).map(async (i) => {
        for (const text of texts(100, `p${i}`)) {
          await insist(publisher, name, text)
          stored++
        }
      })
      for (const share of [1 / 3, 1 / 2]) {
        await eventually(
          () => stored >= share * 10_000,
          () => `${stored} stored`,
          30_000,
        )
        await kill()
        await start()
      }
      await Promise.all(sending)
      await reading.complete(10_000, 30_000)
      await reading.stop()
      const sent = range(100).flatMap((i) => texts(100, `p${i}`))
      deepEqual(new Set(reading.received.map(textOf)), new Set(sent))
    },
  },
  {
    title: 'a wrong token is an error of the caller at once, which nobody tries again',
    needs: ['auth'],
    async prove({ connect, stranger, topic }) {
      const name = await topic(1)
      const options = { topics: [name], subscription: 's', type: 'Failover' } as const
      const broker = stranger()
      const refused = (error: unknown) =>
        slug('broker-authentication')(error) &&
        error instanceof Error &&
        'fate' in error &&
        error.fate === 'misuse'
      await rejects(broker.publisher().publish(name, message('x')), refused)
      await rejects(broker.subscribe(options), refused)
      await rejects(broker.ensureTopic(`${name}-more`, 1), refused)
      await rejects(broker.check(), refused)
      await connect().publisher().publish(name, message('known'))
      deepEqual((await hold(await connect().subscribe(options), 1)).map(textOf), ['known'])
    },
  },
  {
    title: 'a hundred consumers that come and go leave nothing behind',
    needs: ['census', 'key-shared'],
    timeoutMs: 30_000,
    async prove({ connect, topic, census }) {
      const broker = connect()
      const name = await topic(2)
      const cycle = async (i: number) => {
        const type = (['Failover', 'Shared', 'Key_Shared'] as const)[i % 3] ?? 'Shared'
        const options = { topics: [name], subscription: type, type, durable: i % 4 !== 0 } as const
        await (await broker.subscribe(options)).close()
      }
      for (const i of range(12)) await cycle(i)
      const before = await census()
      for (const i of range(88)) await cycle(i)
      deepEqual(await census(), { ...before, consumers: 0 })
    },
  },
]
