import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Consumer, SubscriptionType } from '../port.ts'
import { type Contract, needsOf } from './contract.ts'
import {
  byKey,
  eventually,
  hold,
  publishAll,
  range,
  readAll,
  textOf,
  texts,
  within,
} from './traffic.ts'

const keys = 16
const keyOf = (text: string) => `key-${Number(text.split('-').at(-1)) % keys}`
const expected = (all: readonly string[]) => {
  const lists: Record<string, string[]> = {}
  for (const text of all) (lists[keyOf(text)] ??= []).push(text)
  return lists
}

const order = (type: SubscriptionType): Contract => ({
  title: `ten consumers of a ${type} subscription see each key in the order it was published in`,
  needs: needsOf(type),
  timeoutMs: 20_000,
  async prove({ connect, topic }) {
    const broker = connect()
    const name = await topic(4)
    const options = { topics: [name], subscription: 's', type } as const
    const consumers = await Promise.all(range(10).map(() => broker.subscribe(options)))
    const reading = readAll(consumers, 10)
    await publishAll(broker.publisher(), name, texts(1000), keyOf)
    await reading.complete(1000)
    await reading.stop()
    deepEqual(byKey(reading.received), expected(texts(1000)))
  },
})

/** Which consumer works on a key, and whether another one does at the same time. */
const watchKeys = () => {
  const busy = new Map<string, Consumer>()
  const clashes: string[] = []
  return {
    clashes,
    async work(consumer: Consumer, signal: AbortSignal, seen: (text: string, key: string) => void) {
      while (!signal.aborted) {
        const messages = await consumer.receive(5, signal)
        for (const { key } of messages) {
          const other = busy.get(key)
          if (other && other !== consumer) clashes.push(key)
          busy.set(key, consumer)
        }
        await new Promise((resolve) => setTimeout(resolve, 1))
        for (const one of messages) seen(textOf(one), one.key)
        for (const { key } of messages) busy.delete(key)
        if (messages.length > 0) await consumer.acknowledge(messages)
      }
    },
  }
}

const rebalance = (type: SubscriptionType): Contract => ({
  title: `while consumers of a ${type} subscription join and leave, a key has one consumer and its order`,
  needs: needsOf(type),
  timeoutMs: 40_000,
  async prove({ connect, topic }) {
    const name = await topic(8)
    const options = { topics: [name], subscription: 's', type, receiverQueueSize: 50 } as const
    const watch = watchKeys()
    const received: Record<string, string[]> = {}
    let count = 0
    const seen = (text: string, key: string) => {
      const list = (received[key] ??= [])
      list.push(text)
      count++
    }
    const start = async () => {
      const consumer = await connect().subscribe(options)
      const stopping = new AbortController()
      const working = watch.work(consumer, stopping.signal, seen)
      return async () => {
        stopping.abort()
        await working
        await consumer.close()
      }
    }
    const first = await start()
    const sending = publishSlowly(connect().publisher(), name)
    for (const turn of range(4)) {
      const leave = await start()
      await eventually(
        () => count >= (turn + 1) * 150,
        () => `${count} received`,
      )
      await leave()
    }
    await sending
    await eventually(
      () => count >= 1600,
      () => `${count} of 1600`,
      20_000,
    )
    await first()
    deepEqual(watch.clashes, [])
    deepEqual(received, expected(texts(1600)))
  },
})

const publishSlowly = async (publisher: Parameters<typeof publishAll>[0], name: string) => {
  for (const part of range(80)) {
    const some = texts(1600).slice(part * 20, part * 20 + 20)
    await publishAll(publisher, name, some, keyOf)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export const orderContracts: readonly Contract[] = [
  order('Key_Shared'),
  order('Failover'),
  rebalance('Failover'),
  rebalance('Key_Shared'),
  {
    title:
      'with held keys the next message of a key waits for the acknowledgement of the one before',
    async prove({ connect, topic }) {
      const broker = connect()
      const name = await topic(1)
      const consumer = await broker.subscribe({
        topics: [name],
        subscription: 's',
        type: 'Failover',
        holdKeys: true,
      })
      await publishAll(broker.publisher(), name, ['a-1', 'a-2', 'b-1'], (text) => text[0] ?? '')
      const first = await hold(consumer, 2)
      deepEqual(first.map(textOf), ['a-1', 'b-1'])
      deepEqual(await within(consumer, 100), [])
      const waiting = consumer.receive(10)
      await consumer.acknowledge(first.slice(0, 1))
      deepEqual((await waiting).map(textOf), ['a-2'])
    },
  },
  {
    title: 'what a consumer holds and nobody works on goes to the one that takes over, not to both',
    needs: ['handover'],
    timeoutMs: 20_000,
    async prove({ connect, topic }) {
      const name = await topic(2)
      const options = { topics: [name], subscription: 's', type: 'Failover' } as const
      await publishAll(connect().publisher(), name, texts(200))
      const first = await connect().subscribe(options)
      const worked = await hold(first, 1)
      await first.acknowledge(worked)
      const second = readAll([await connect().subscribe(options)])
      await eventually(
        () => second.received.length > 0,
        () => 'nothing was taken over',
      )
      const rest = readAll([first])
      const all = () => [...worked, ...rest.received, ...second.received].map(textOf)
      await eventually(
        () => new Set(all()).size === 200,
        () => `${all().length} of 200`,
      )
      equal(all().length, 200)
      await Promise.all([rest.stop(), second.stop()])
    },
  },
  {
    title: 'partitions are spread evenly, and taken over when a consumer closes',
    async prove({ connect, topic }) {
      const name = await topic(8)
      const options = { topics: [name], subscription: 's', type: 'Failover' } as const
      const one = await connect().subscribe(options)
      const two = await connect().subscribe(options)
      const reading = [readAll([one]), readAll([two])]
      const partitions = (reader: number) =>
        new Set(reading[reader]?.received.map(({ partition }) => partition)).size
      const publisher = connect().publisher()
      let sent = 0
      await eventually(
        async () => {
          for (const read of reading) read.received.length = 0
          await publishAll(publisher, name, texts(64, `${sent++}`))
          await eventually(
            () => reading.reduce((sum, read) => sum + read.received.length, 0) >= 64,
            () => 'not everything came',
          )
          return partitions(0) === 4 && partitions(1) === 4
        },
        () => `${partitions(0)} and ${partitions(1)} partitions`,
      )
      await reading[1]?.stop()
      await two.close()
      await publishAll(publisher, name, texts(64, 'last'))
      await eventually(
        () => reading[0]?.received.filter((read) => textOf(read).startsWith('last')).length === 64,
        () => 'not everything came to the one that stayed',
      )
      equal(partitions(0), 8)
      ok(await reading[0]?.stop().then(() => true))
    },
  },
]
