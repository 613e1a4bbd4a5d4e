import { expect, test } from 'bun:test'
import { PulsarError } from '../../pulsar/errors.ts'
import { messageId } from '../../pulsar/message-id.ts'
import { withDefaults } from '../../pulsar/producer/options.ts'
import { route, routerFor } from '../../pulsar/producer/routing.ts'
import { partitionOf } from '../../kernel/murmur3.ts'
import { message, textOf, texts } from '../contract-suite/traffic.ts'
import type { DriverProducer } from './driver.ts'
import { pulsarPublisher } from './publisher.ts'
import type { Part } from './topics.ts'

const partsOf = (topic: string, count: number): readonly Part[] =>
  Array.from({ length: count }, (_, partition) => ({
    topic,
    pulsarTopic: `${topic}-partition-${partition}`,
    partition,
  }))

/** A client whose producers the test opens when it likes; notes what is sent. */
const scriptedClient = () => {
  const sent: string[] = []
  const opened: Part[] = []
  const errors: Error[] = []
  let release: (() => void) | undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  let closed = 0
  const producerOf = (): DriverProducer => ({
    async send({ data }) {
      const error = errors.shift()
      if (error) throw error
      sent.push(textOf({ payload: data }))
      return { messageId: messageId({ ledgerId: 1, entryId: sent.length }) }
    },
    async close() {
      closed++
    },
  })
  const open = async (part: Part) => {
    opened.push(part)
    await gate
    return producerOf()
  }
  return { sent, opened, errors, open, release: () => release?.(), closed: () => closed }
}

const publisherOn = (
  client: ReturnType<typeof scriptedClient>,
  { partitions = 1, fenced = false, timeoutMs = 5000 } = {},
) =>
  pulsarPublisher({
    topics: { pulsarName: (topic) => topic, parts: async (topic) => partsOf(topic, partitions) },
    fenced,
    timeoutMs,
    open: client.open,
  })

test('what is published while the producer opens is sent in the order of the calls', async () => {
  const client = scriptedClient()
  const publisher = publisherOn(client)
  const publishing = texts(20).map((text) => publisher.publish('t', message(text)))
  await new Promise((resolve) => setImmediate(resolve))
  publishing.push(publisher.publish('t', message('m-20')))
  client.release()
  publishing.push(publisher.publish('t', message('m-21')))
  await Promise.all(publishing)
  expect(client.sent).toEqual([...texts(22)])
  expect(client.opened.length).toBe(1)
})

test('only partitions that something is published to get a producer, by the hash of the client', async () => {
  const client = scriptedClient()
  client.release()
  const publisher = publisherOn(client, { partitions: 16 })
  await publisher.publish('t', message('x', 'one-key'))
  await publisher.publish('t', message('y', 'one-key'))
  expect(client.opened.map(({ partition }) => partition)).toEqual([partitionOf('one-key', 16)])
  const router = routerFor(withDefaults({ topic: 't' }, undefined))
  for (const key of texts(200, 'Ключ'))
    expect(route(router, { data: new Uint8Array(), partitionKey: key }, 16)).toBe(
      partitionOf(key, 16),
    )
})

test('a producer that does not open in time is a broker that is away, and the send has not begun', async () => {
  const publisher = publisherOn(scriptedClient(), { timeoutMs: 20 })
  await expect(publisher.publish('t', message('x'))).rejects.toMatchObject({
    slug: 'broker-unavailable',
  })
})

test('a producer that is of no use any more is replaced, one that only lacked time is kept', async () => {
  const client = scriptedClient()
  client.release()
  const publisher = publisherOn(client)
  await publisher.publish('t', message('first'))
  for (const [code, count] of [
    ['timeout', 1],
    ['producer-busy', 2],
  ] as const) {
    client.errors.push(new PulsarError(code, 'why'))
    await expect(publisher.publish('t', message('fails'))).rejects.toBeInstanceOf(Error)
    await publisher.publish('t', message('goes on'))
    expect(client.opened.length).toBe(count)
  }
})

test('a fenced publisher that has lost a partition never opens it by itself again', async () => {
  const client = scriptedClient()
  client.release()
  const publisher = publisherOn(client, { fenced: true })
  client.errors.push(new PulsarError('producer-fenced', 'why'))
  for (let attempt = 0; attempt < 3; attempt++)
    await expect(publisher.publish('t', message('lost'))).rejects.toMatchObject({ slug: 'fenced' })
  expect(client.sent).toEqual([])
  expect(client.opened.length).toBe(1)
  await publisher.hold?.('t', [0])
  await publisher.publish('t', message('held'))
  expect(client.sent).toEqual(['held'])
})

test('a fenced publisher whose producer ended for another reason takes over from nobody by itself', async () => {
  const client = scriptedClient()
  client.release()
  const publisher = publisherOn(client, { fenced: true })
  client.errors.push(new PulsarError('authorization', 'why'))
  await expect(publisher.publish('t', message('lost'))).rejects.toMatchObject({
    slug: 'broker-authorization',
  })
  await expect(publisher.publish('t', message('lost'))).rejects.toMatchObject({ slug: 'fenced' })
  expect(client.opened.length).toBe(1)
  await publisher.hold?.('t', [0])
  await publisher.publish('t', message('held'))
  expect(client.sent).toEqual(['held'])
})

test('a partition that is given up while its producer opens is not written to, nor kept from others', async () => {
  const client = scriptedClient()
  const publisher = publisherOn(client, { fenced: true })
  const published = publisher.publish('t', message('late'))
  published.catch(() => undefined)
  await new Promise((resolve) => setImmediate(resolve))
  const held = publisher.hold?.('t', [])
  client.release()
  await held
  await expect(published).rejects.toMatchObject({ slug: 'fenced' })
  expect(client.sent).toEqual([])
  expect(client.closed()).toBe(1)
})

test('a producer that opens while its publisher closes is closed as well', async () => {
  const client = scriptedClient()
  const publisher = publisherOn(client, { timeoutMs: 5 })
  await expect(publisher.publish('t', message('x'))).rejects.toBeInstanceOf(Error)
  const closed = publisher.close()
  client.release()
  await closed
  expect(client.closed()).toBe(1)
})
