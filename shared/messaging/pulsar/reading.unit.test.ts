import { expect, test } from 'bun:test'
import { PulsarError } from '../../pulsar/errors.ts'
import { messageId } from '../../pulsar/message-id.ts'
import type { ReceivedMessage, SubscribeOptions } from '../port.ts'
import { pulsarConsumer, type WatchedConsumer } from './consumer.ts'
import type { Delivery, Feed, FeedEvents } from './driver.ts'

const part = { topic: 't', pulsarTopic: 't-partition-0', partition: 0 }

/** A message at a place; `lost` decides whether its acknowledgement reaches anybody. */
interface Scripted extends Delivery {
  readonly at: number
  readonly lost: boolean
}

const scripted = (at: number, { lost = false, deliverAt = 0 } = {}): Scripted => ({
  at,
  lost,
  getMessageId: () => messageId({ ledgerId: 1, entryId: at }),
  getData: () => new Uint8Array(),
  getPartitionKey: () => `key-${at}`,
  getProperties: () => ({}),
  getPublishTimestamp: () => 1,
  getEventTimestamp: () => 0,
  getDeliverAt: () => deliverAt || undefined,
  getRedeliveryCount: () => 0,
})

/** A partition whose deliveries the test decides. */
const scriptedFeed = () => {
  const waiting: Scripted[] = []
  const acknowledged: number[] = []
  let asked: { resolve(one: Scripted): void; reject(error: Error): void } | undefined
  let events: FeedEvents | undefined
  const state = { connected: true, last: undefined as number | undefined }
  const feed: Feed<Scripted> = {
    part,
    get connected() {
      return state.connected
    },
    next: () =>
      new Promise((resolve, reject) => {
        const next = waiting.shift()
        if (next) resolve(next)
        else asked = { resolve, reject }
      }),
    async acknowledge({ at, lost }) {
      if (lost) throw new PulsarError('connection', 'cut')
      acknowledged.push(at)
    },
    seek: async (_, forget) => forget(),
    lastAhead: async () =>
      state.last === undefined ? undefined : messageId({ ledgerId: 1, entryId: state.last }),
    close: async () => asked?.reject(new PulsarError('closed', 'closed')),
  }
  return {
    acknowledged,
    state,
    deliver(...all: readonly Scripted[]) {
      waiting.push(...all)
      const next = asked && waiting.shift()
      if (next) asked?.resolve(next)
    },
    end: (code: 'authorization') => asked?.reject(new PulsarError(code, 'not yours any more')),
    active: (active: boolean) => events?.onActive(active),
    subscribe: async (_: unknown, __: unknown, heard: FeedEvents) => {
      events = heard
      return feed
    },
  }
}

const consume = async (options: Partial<SubscribeOptions> = {}) => {
  const feed = scriptedFeed()
  const consumer = await pulsarConsumer({
    topics: ['t'],
    subscription: 's',
    type: 'Failover',
    ...options,
    parts: [part],
    driver: feed,
    onUnreadable: () => {},
  })
  return { feed, consumer }
}

const places = (messages: readonly ReceivedMessage[]) =>
  messages.map(({ id }) => Number(id.split(':')[1]))

/** What is there once everything that is under way has arrived. */
const there = async (consumer: WatchedConsumer) => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  const now = AbortSignal.timeout(1)
  return consumer.receive(100, now)
}

test('a consumer has had everything once the last message there was is handed out, also when it went back', async () => {
  const { feed, consumer } = await consume()
  const nothing = await consumer.noteEnd?.()
  expect(nothing?.()).toBe(true)
  feed.state.last = 2
  for (const _ of ['once', 'and again']) {
    const reached = await consumer.noteEnd?.()
    expect(reached?.()).toBe(false)
    feed.deliver(scripted(1))
    expect(places(await there(consumer))).toEqual([1])
    expect(reached?.()).toBe(false)
    feed.deliver(scripted(2))
    await new Promise((resolve) => setImmediate(resolve))
    expect(reached?.()).toBe(false)
    expect(places(await there(consumer))).toEqual([2])
    expect(reached?.()).toBe(true)
    await consumer.seek('earliest')
  }
  await consumer.close()
})

test('what comes again while it is worked on is not handed out twice, and acknowledged as it came last', async () => {
  const { feed, consumer } = await consume()
  feed.deliver(scripted(1, { lost: true }))
  const received = await consumer.receive(10)
  feed.deliver(scripted(1), scripted(2))
  expect(places(await there(consumer))).toEqual([2])
  await consumer.acknowledge(received)
  expect(feed.acknowledged).toEqual([1])
  await consumer.close()
})

test('what comes again because its acknowledgement was lost is acknowledged again and not handed out', async () => {
  const { feed, consumer } = await consume()
  feed.deliver(scripted(1, { lost: true }))
  await consumer.acknowledge(await consumer.receive(10))
  expect(feed.acknowledged).toEqual([])
  feed.deliver(scripted(1), scripted(2))
  expect(places(await there(consumer))).toEqual([2])
  expect(feed.acknowledged).toEqual([1])
  await consumer.close()
})

test('who is not active any more hands nothing out, until it is again and gets all from there', async () => {
  const { feed, consumer } = await consume()
  feed.deliver(scripted(1), scripted(2), scripted(3))
  await new Promise((resolve) => setImmediate(resolve))
  expect(places(await consumer.receive(1))).toEqual([1])
  feed.active(false)
  feed.deliver(scripted(4))
  expect(places(await there(consumer))).toEqual([])
  feed.active(true)
  feed.deliver(scripted(3), scripted(4))
  expect(places(await there(consumer))).toEqual([3, 4])
  await consumer.close()
})

test('a message that comes before it is due waits here on a Shared subscription, and nowhere else', async () => {
  const due = Date.now() + 60
  for (const [type, now] of [
    ['Shared', [2]],
    ['Failover', [1, 2]],
  ] as const) {
    const { feed, consumer } = await consume({ type })
    feed.deliver(scripted(1, { deliverAt: due }), scripted(2))
    expect(places(await there(consumer))).toEqual([...now])
    if (type === 'Shared') {
      expect(places(await consumer.receive(10))).toEqual([1])
      expect(Date.now()).toBeGreaterThanOrEqual(due)
    }
    await consumer.close()
  }
})

test('what rests after a negative acknowledgement counts as unacknowledged', async () => {
  const { feed, consumer } = await consume({ receiverQueueSize: 2, nackDelayMs: 60_000 })
  feed.deliver(scripted(1), scripted(2), scripted(3))
  const received = [...(await consumer.receive(1)), ...(await consumer.receive(1))]
  await consumer.negativeAcknowledge(received.slice(0, 1))
  expect(await there(consumer)).toEqual([])
  await consumer.acknowledge(received.slice(1))
  expect(places(await there(consumer))).toEqual([3])
  await consumer.close()
})

test('who waits hears that the broker is away after two looks without a connection, and goes on with it', async () => {
  const { feed, consumer } = await consume()
  const waiting = consumer.receive(1)
  feed.state.connected = false
  consumer.look()
  feed.state.connected = true
  consumer.look()
  feed.state.connected = false
  consumer.look()
  consumer.look()
  await expect(waiting).rejects.toMatchObject({ slug: 'broker-unavailable', fate: 'transient' })
  feed.state.connected = true
  consumer.look()
  feed.deliver(scripted(1))
  expect(places(await consumer.receive(1))).toEqual([1])
  await consumer.close()
})

test('what ends a partition for good is told to whoever waits and to whoever asks next', async () => {
  const { feed, consumer } = await consume()
  const waiting = consumer.receive(1)
  await new Promise((resolve) => setImmediate(resolve))
  feed.end('authorization')
  const refused = { slug: 'broker-authorization', fate: 'misuse' }
  await expect(waiting).rejects.toMatchObject(refused)
  await expect(consumer.receive(1)).rejects.toMatchObject(refused)
  await consumer.close()
})

test('after a seek it is read on, though there was no room before', async () => {
  const { feed, consumer } = await consume({ type: 'Exclusive', receiverQueueSize: 2 })
  feed.deliver(scripted(1))
  await new Promise((resolve) => setImmediate(resolve))
  await consumer.seek('earliest')
  feed.deliver(scripted(1))
  expect(places(await consumer.receive(10))).toEqual([1])
  await consumer.close()
})

test('the bytes fetched ahead are shared by the partitions', async () => {
  const wished: number[] = []
  const { subscribe } = scriptedFeed()
  const consumer = await pulsarConsumer({
    topics: ['t'],
    subscription: 's',
    type: 'Failover',
    parts: Array.from({ length: 32 }, (_, partition) => ({ ...part, partition })),
    driver: {
      subscribe: (one, options, events) => {
        wished.push(options.fetchAheadBytes)
        return subscribe(one, options, events)
      },
    },
    onUnreadable: () => {},
  })
  expect(wished).toEqual(Array.from({ length: 32 }, () => 2 * 1024 * 1024))
  await consumer.close()
})
