import { deepEqual, equal } from 'node:assert/strict'
import { type Contract, needsOf } from './contract.ts'
import { eventually, hold, publishAll, range, textOf, texts } from './traffic.ts'

export const processContracts: readonly Contract[] = [
  {
    title: 'what two processes publish at the same time reaches a third complete',
    needs: ['processes'],
    timeoutMs: 30_000,
    async prove({ connect, topic, spawn }) {
      const name = await topic(4)
      const consumer = await connect().subscribe({
        topics: [name],
        subscription: 's',
        type: 'Failover',
        receiverQueueSize: 2000,
      })
      const publishers = ['a', 'b'].map((who) =>
        spawn({ does: 'publish', topic: name, name: who, count: 1000 }),
      )
      const received = await hold(consumer, 2000)
      await Promise.all(publishers.map(({ ended }) => ended))
      deepEqual(new Set(received.map(textOf)), new Set([...texts(1000, 'a'), ...texts(1000, 'b')]))
    },
  },
  ...(['Failover', 'Shared', 'Key_Shared'] as const).map((type): Contract => ({
    title: `two processes on one ${type} subscription receive nothing twice`,
    needs: ['processes', ...needsOf(type)],
    timeoutMs: 30_000,
    async prove({ connect, topic, spawn }) {
      const name = await topic(4)
      const job = { does: 'consume', topic: name, subscription: 's', type } as const
      const consumers = [spawn(job), spawn(job)]
      await eventually(
        () => consumers.every(({ lines }) => lines[0] === 'ready'),
        () => 'starting',
      )
      const publisher = connect().publisher()
      for (const part of range(5)) await publishAll(publisher, name, texts(200, `p${part}`))
      const received = () => consumers.flatMap(({ lines }) => lines.slice(1))
      await eventually(
        () => received().length >= 1000,
        () => `${received().length} received`,
      )
      await Promise.all(consumers.map((one) => one.stop()))
      equal(received().length, 1000)
      equal(new Set(received()).size, 1000)
    },
  })),
  ...(['Failover', 'Key_Shared'] as const).map((type): Contract => ({
    title: `another consumer takes over what a killed process had on a ${type} subscription`,
    needs: ['processes', ...needsOf(type)],
    timeoutMs: 30_000,
    async prove({ connect, topic, spawn }) {
      const name = await topic(4)
      const doomed = spawn({ does: 'consume', topic: name, subscription: 's', type })
      await eventually(
        () => doomed.lines[0] === 'ready',
        () => 'starting',
      )
      const consumer = await connect().subscribe({ topics: [name], subscription: 's', type })
      await doomed.kill()
      await publishAll(connect().publisher(), name, texts(200))
      deepEqual(new Set((await hold(consumer, 200)).map(textOf)), new Set(texts(200)))
    },
  })),
]
