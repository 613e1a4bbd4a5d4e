import { describe, expect, test } from 'bun:test'
import { received } from '../../tests/support/delivery-probe.ts'
import { deliverySetup } from '../../tests/support/delivery-setup.ts'
import { until } from '../../tests/support/until.ts'
import { Transient } from '../kernel/fates.ts'
import { partitionOf } from '../kernel/murmur3.ts'
import type { Publisher } from '../messaging/port.ts'
import { pause } from './pause.ts'
import { appendOutbox, outboxDepth, type OutboxEntry } from './outbox.ts'

const setup = deliverySetup()

const entry = (key: string, id: string): OutboxEntry => ({ topic: 't', message: received(key, id) })
const numbered = (length: number, keys: number) =>
  Array.from({ length }, (_, n) => entry(`key ${n % keys}`, `m${n}`))
const append = (entries: readonly OutboxEntry[]) =>
  setup.database.transaction((transaction) => appendOutbox(transaction, entries))
const empty = async () => (await outboxDepth(setup.database)) === 0

describe('a topic that is fenced', () => {
  /** A broker of four partitions that keeps out whoever was replaced, and counts the takings. */
  const fencing = () => {
    const holders = new Map<number, object>()
    const held: (readonly number[])[] = []
    return {
      held,
      stats: async (topic: string) => ({ topic, partitions: 4, subscriptions: [] }),
      publisher(options?: { readonly fenced?: boolean }): Publisher {
        const inner = setup.broker.publisher()
        if (!options?.fenced) return inner
        const self: Publisher = {
          ...inner,
          async hold(_topic, partitions) {
            held.push(partitions)
            for (const partition of partitions) holders.set(partition, self)
          },
          async publish(topic, message) {
            if (holders.get(partitionOf(message.key, 4)) !== self)
              throw new Transient('fenced', 'somebody else has it')
            return inner.publish(topic, message)
          },
        }
        return self
      },
    }
  }
  const fenced = ['t']

  test('is held before anything is read, each partition by the relay of its share', async () => {
    const broker = fencing()
    setup.relay({ broker, fenced, leaseMs: 300 })
    await append(numbered(40, 10))
    await until(empty)
    expect(broker.held).toEqual([[0, 1, 2, 3]])
    setup.relay({ broker, fenced, leaseMs: 300 })
    await until(() => broker.held.length === 3)
    await append(numbered(40, 10))
    await until(empty)
    const [, ...later] = broker.held
    expect(later.map((partitions) => partitions.length)).toEqual([2, 2])
    expect(later.flat().toSorted()).toEqual([0, 1, 2, 3])
    expect(setup.broker.published).toHaveLength(80)
  })

  test('makes a relay that was replaced begin anew, and loses nothing', async () => {
    const broker = fencing()
    setup.relay({ broker, fenced })
    await append(numbered(20, 4))
    await until(empty)
    await broker.publisher({ fenced: true }).hold?.('t', [0, 1, 2, 3])
    await append(numbered(20, 4))
    await until(empty)
    expect(broker.held).toHaveLength(3)
    expect(setup.broker.published).toHaveLength(40)
  })

  test('stays with its relay while one key takes longer than a lease', async () => {
    const broker = fencing()
    const slow = {
      ...broker,
      publisher(options?: { readonly fenced?: boolean }): Publisher {
        const inner = broker.publisher(options)
        const publish: Publisher['publish'] = async (topic, message) => {
          await pause(20)
          return inner.publish(topic, message)
        }
        return { ...inner, publish }
      },
    }
    const both = [1, 2].map(() => setup.relay({ broker: slow, fenced, leaseMs: 1000 }))
    await until(() => broker.held.length >= 3)
    const settled = broker.held.length
    await append(numbered(120, 1))
    for (const relay of both) relay.wake()
    await until(empty)
    expect(broker.held).toHaveLength(settled)
    expect(setup.broker.published).toHaveLength(120)
  }, 20_000)

  test('that cannot be held delays nobody else', async () => {
    const broker = fencing()
    let broken = true
    const unwilling = {
      ...broker,
      publisher(options?: { readonly fenced?: boolean }): Publisher {
        const inner = broker.publisher(options)
        const hold: Publisher['hold'] = async (topic, partitions) => {
          if (broken && topic === 'forbidden') throw new Transient('unauthorized', 'no')
          await inner.hold?.(topic, partitions)
        }
        return { ...inner, ...(inner.hold ? { hold } : {}) }
      },
    }
    setup.relay({ broker: unwilling, fenced: ['t', 'forbidden'] })
    await append(numbered(20, 4).map((one) => ({ ...one, topic: 'forbidden' })))
    await append(numbered(20, 4))
    await setup.broker.publishedCount(20)
    expect(setup.broker.published.every(({ topic }) => topic === 't')).toBe(true)
    broken = false
    await until(empty)
    expect(setup.broker.published).toHaveLength(40)
  })
})
