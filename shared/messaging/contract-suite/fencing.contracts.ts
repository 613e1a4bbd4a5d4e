import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import type { Publisher } from '../port.ts'
import type { Contract } from './contract.ts'
import { hold, message, publishAll, range, slug, textOf, texts } from './traffic.ts'

const fenced = slug('fenced')

/** What publishers of these contracts always have; `hold` is absent only where nothing fences. */
const takeOver = async (publisher: Publisher, topic: string, partitions: readonly number[]) => {
  ok(publisher.hold)
  await publisher.hold(topic, partitions)
}

export const fencingContracts: readonly Contract[] = [
  {
    title: 'of fenced publishers only the last one that took a partition over writes there',
    needs: ['fencing'],
    timeoutMs: 20_000,
    async prove({ connect, topic }) {
      const name = await topic(1)
      const [old, young] = [0, 1].map(() => connect().publisher({ fenced: true }))
      ok(old && young)
      await publishAll(old, name, texts(5, 'old'))
      await publishAll(young, name, texts(5, 'young'))
      const late = texts(20, 'late').map((text) => old.publish(name, message(text)))
      for (const one of late) await rejects(one, fenced)
      // The broker throws the newcomer out once while it refuses the old one.
      for (const i of range(5)) await young.publish(name, message(`more-${i}`))
      await rejects(old.publish(name, message('again')), fenced)
      await publishAll(young, name, texts(5, 'last'))
      const consumer = await connect().subscribe({
        topics: [name],
        subscription: 's',
        type: 'Exclusive',
      })
      const received = (await hold(consumer, 20)).map(textOf)
      const expected = ['old', 'young', 'more', 'last'].flatMap((who) => texts(5, who))
      deepEqual(received, expected)
    },
  },
  {
    title: 'a fenced publisher holds the partitions it names, and gives up the others',
    needs: ['fencing'],
    timeoutMs: 20_000,
    async prove({ connect, topic }) {
      const name = await topic(2)
      const keys = await keysOf(connect().publisher(), name)
      const [one, other] = [0, 1].map(() => connect().publisher({ fenced: true }))
      ok(one && other)
      const write = (publisher: Publisher, partition: number) =>
        publisher.publish(name, message('x', keys[partition] ?? ''))
      await takeOver(one, name, [0, 1])
      await takeOver(other, name, [1])
      await write(one, 0)
      await write(other, 1)
      await rejects(write(one, 1), fenced)
      await takeOver(one, name, [1])
      await rejects(write(other, 1), fenced)
      await rejects(write(one, 0), fenced)
      await write(one, 1)
      await takeOver(other, name, [])
      await rejects(write(other, 1), fenced)
      await write(one, 1)
    },
  },
  {
    title:
      'who waits for a partition that it has lost hears so, and has it again when it holds it again',
    needs: ['fencing'],
    timeoutMs: 20_000,
    async prove({ connect, topic }) {
      const name = await topic(1)
      const [one, other] = [0, 1].map(() => connect().publisher({ fenced: true }))
      ok(one && other)
      for (const turn of range(3)) {
        await takeOver(one, name, [0])
        await one.publish(name, message(`one-${turn}`))
        await takeOver(other, name, [0])
        await other.publish(name, message(`other-${turn}`))
        await rejects(one.publish(name, message('lost')), fenced)
      }
      equal((await connect().stats(name)).partitions, 1)
    },
  },
]

/** A key for each partition: one that its message lands there with. */
const keysOf = async (publisher: Publisher, topic: string): Promise<readonly string[]> => {
  const keys: string[] = []
  for (const key of texts(20, 'key')) {
    const id = await publisher.publish(topic, message('first', key))
    keys[Number(id.split(':')[2])] ??= key
  }
  // Its producers would be thrown out, which is another matter.
  await publisher.close()
  return keys
}
