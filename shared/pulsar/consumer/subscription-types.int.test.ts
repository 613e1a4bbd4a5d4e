import { expect, test } from 'bun:test'
import { beforePulsar, needsPulsar } from '../../../tests/support/needs-pulsar.ts'
import { testPulsar } from '../../../tests/support/pulsar.ts'
import { until } from '../../../tests/support/until.ts'
import { realSetUp, take, takeTexts, textOf } from '../../../tests/support/pulsar-consumer.ts'
import { numbers } from '../testing/real-setup.ts'
import type { Consumer } from './consumer.ts'
import type { ConsumerOptions } from './options.ts'

needsPulsar('subscription types on a real Pulsar', () => {
  beforePulsar(async () => void (await testPulsar()))

  test('an Exclusive subscription refuses a second consumer for good, and has room when the first has gone', async () => {
    await using all = await realSetUp()
    const options = { topic: all.topic, subscription: 's' }
    const first = await all.client.subscribe(options)
    await expect(all.client.subscribe(options)).rejects.toMatchObject({
      code: 'consumer-busy',
      retriable: false,
    })
    await expect(
      all.client.subscribe({ ...options, subscriptionType: 'Shared' }),
    ).rejects.toMatchObject({ code: 'consumer-busy' })
    await first.close()
    await all.publish(['a'])
    const second = await all.client.subscribe(options)
    expect(await takeTexts(second, 1)).toEqual(['a'])
  })

  test('of Failover consumers one is active, and what it has not acknowledged goes to the next in order', async () => {
    await using all = await realSetUp()
    // Of one partition the broker makes the consumer active that comes first by name.
    await all.admin.topics.createPartitioned(all.topic, 1)
    const heard: string[] = []
    const join = (name: string) =>
      all.client.subscribe({
        topic: all.topic,
        subscription: 's',
        subscriptionType: 'Failover',
        consumerName: name,
        onActiveChange: (active) => void heard.push(`${name} ${active}`),
      })
    const a = await join('a')
    const b = await join('b')
    await until(() => heard.includes('a true') && heard.includes('b false'))
    const waiting = b.receive()
    await all.publish(numbers(20).map(String), { batchingMaxMessages: 5 })
    const messages = await take(a, 20)
    expect(messages.map(textOf)).toEqual(numbers(20).map(String))
    await a.acknowledgeCumulative(messages[9]!)
    await a.close()
    expect(textOf(await waiting)).toBe('10')
    expect(heard).toContain('b true')
    expect(await takeTexts(b, 9)).toEqual(numbers(20).slice(11).map(String))
  })

  test('consumers of a higher priority get all they have room for', async () => {
    await using all = await realSetUp()
    const join = (priorityLevel: number) =>
      all.client.subscribe({
        topic: all.topic,
        subscription: 's',
        subscriptionType: 'Shared',
        priorityLevel,
      })
    const second = await join(1)
    const first = await join(0)
    await all.publish(numbers(10).map(String), { batchingEnabled: false })
    expect(await takeTexts(first, 10)).toHaveLength(10)
    expect(second.stats().queued).toBe(0)
  })

  const keyShared = { subscription: 's', subscriptionType: 'KeyShared' } as const
  const sticky = (start: number, end: number): Partial<ConsumerOptions> => ({
    keySharedPolicy: { keyShareMode: 'Sticky', stickyRanges: [{ start, end }] },
  })

  test('sticky ranges decide who gets which keys, and must not overlap', async () => {
    await using all = await realSetUp()
    const join = (ranges: Partial<ConsumerOptions>) =>
      all.client.subscribe({ topic: all.topic, ...keyShared, ...ranges })
    const low = await join(sticky(0, 32_767))
    const high = await join(sticky(32_768, 65_535))
    await expect(join(sticky(60_000, 65_535))).rejects.toMatchObject({
      code: 'consumer-assign',
      retriable: false,
    })
    const keys = numbers(40).map((at) => `key ${at}`)
    const collected = async (consumer: Consumer, into: string[]) => {
      for await (const message of consumer) into.push(textOf(message))
    }
    const lows: string[] = []
    const highs: string[] = []
    void collected(low, lows)
    void collected(high, highs)
    for (const round of [1, 2]) {
      await all.publish(keys, { batchingType: 'KeyBasedBatching' })
      await until(() => lows.length + highs.length === 40 * round)
    }
    expect(new Set(lows).size + new Set(highs).size).toBe(40)
    expect(Math.min(lows.length, highs.length)).toBeGreaterThan(10)
  })

  test('a Key_Shared consumer that joins waits for keys others hold, unless order does not matter', async () => {
    for (const allowOutOfOrderDelivery of [false, true]) {
      await using all = await realSetUp()
      const options = {
        topic: all.topic,
        ...keyShared,
        keySharedPolicy: { allowOutOfOrderDelivery },
      }
      const keys = numbers(16).map((at) => `key ${at}`)
      const publish = () => all.publish(keys, { batchingEnabled: false })
      const old = await all.client.subscribe(options)
      await publish()
      const held = await take(old, 16)
      const joined = await all.client.subscribe(options)
      let received = false
      const waiting = joined.receive(15_000).then((message) => {
        received = true
        return textOf(message)
      })
      await publish()
      if (!allowOutOfOrderDelivery) {
        // What stays with the old one has come, so the broker has dealt with the others.
        await take(old, 1)
        expect(received).toBe(false)
        await Promise.all(held.map((message) => old.acknowledge(message)))
      }
      expect(keys).toContain(await waiting)
    }
  })
})
