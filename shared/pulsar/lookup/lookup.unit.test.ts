import { expect, test } from 'bun:test'
import { type FakeBroker, fakeBroker } from '../testing/fake-broker.ts'
import { backoffMs } from './backoff.ts'
import { ConnectionPool, type PoolSettings } from './connection-pool.ts'
import { parseServiceUrl } from './service-url.ts'
import { connectionFor, partitionsOf } from './topic-lookup.ts'
import { fullTopicName, partitionName } from './topic-name.ts'

const poolFor = (serviceUrl: string, more: Partial<PoolSettings> = {}) =>
  new ConnectionPool({
    serviceUrl,
    connectTimeoutMs: 1_000,
    operationTimeoutMs: 1_000,
    keepAliveMs: 30_000,
    ...more,
  })

const count = (broker: FakeBroker, type: string) =>
  broker.received.filter((command) => command.type === type).length

const topic = fullTopicName('t')

test('a service URL names one or many hosts, with and without ports', () => {
  expect(parseServiceUrl('pulsar://a')).toEqual({ tls: false, hosts: [{ host: 'a', port: 6650 }] })
  expect(parseServiceUrl('pulsar+ssl://a:1,b,[::1]:3/')).toEqual({
    tls: true,
    hosts: [
      { host: 'a', port: 1 },
      { host: 'b', port: 6651 },
      { host: '::1', port: 3 },
    ],
  })
  for (const url of ['http://a', 'pulsar://', 'pulsar://a:99999', 'pulsar://a:b', 'a:6650'])
    expect(() => parseServiceUrl(url)).toThrow('is no Pulsar service URL')
})

test('a short topic name gets the default tenant and namespace', () => {
  expect(topic).toBe('persistent://public/default/t')
  expect(fullTopicName('a/b/c')).toBe('persistent://a/b/c')
  expect(fullTopicName('non-persistent://a/b/c')).toBe('non-persistent://a/b/c')
  expect(partitionName(topic, 2)).toBe('persistent://public/default/t-partition-2')
  for (const name of ['', 'a/b', 'a//c', 'persistent://x', 'a/b/c/d'])
    expect(() => fullTopicName(name)).toThrow('is no topic')
})

test('waits double up to one second and are never shorter than half', () => {
  const longest = [0, 1, 2, 3, 4, 50].map((attempt) => backoffMs(attempt, () => 1))
  expect(longest).toEqual([100, 200, 400, 800, 1_000, 1_000])
  expect(backoffMs(4, () => 0)).toBe(500)
})

test('lookups and producers of one broker share one connection', async () => {
  await using broker = await fakeBroker()
  const pool = poolFor(broker.url)
  const connections = await Promise.all([pool.any(), connectionFor(pool, topic), pool.any()])
  expect(new Set(connections).size).toBe(1)
  expect(count(broker, 'connect')).toBe(1)
  pool.close()
})

test('redirects are followed to the broker that owns the topic', async () => {
  await using owner = await fakeBroker()
  await using first = await fakeBroker({
    lookup: (session, { requestId }) =>
      session.tell('lookupResponse', {
        requestId,
        response: 0,
        authoritative: true,
        brokerServiceUrl: owner.url,
      }),
  })
  const pool = poolFor(first.url)
  const connection = await connectionFor(pool, topic)
  expect(owner.received.find(({ type }) => type === 'lookup')?.body).toMatchObject({
    authoritative: true,
  })
  expect(connection).toBe(await pool.at(owner.url))
  pool.close()
})

test('a circle of redirects ends in an error', async () => {
  const broker: FakeBroker = await fakeBroker({
    lookup: (session, { requestId }) =>
      session.tell('lookupResponse', { requestId, response: 0, brokerServiceUrl: broker.url }),
  })
  const pool = poolFor(broker.url)
  await expect(connectionFor(pool, topic)).rejects.toMatchObject({ code: 'service-not-ready' })
  pool.close()
  await broker[Symbol.asyncDispose]()
})

test('behind a proxy the broker is reached through it, named in the handshake', async () => {
  await using proxy = await fakeBroker({
    lookup: (session, { requestId }) =>
      session.tell('lookupResponse', {
        requestId,
        response: 1,
        brokerServiceUrl: 'pulsar://broker-7:6650',
        proxyThroughServiceUrl: true,
      }),
  })
  const pool = poolFor(proxy.url)
  await connectionFor(pool, topic)
  const targets = proxy.received
    .filter(({ type }) => type === 'connect')
    .map(({ body }) => (body as { proxyToBrokerUrl?: string }).proxyToBrokerUrl)
  expect(targets).toEqual([undefined, 'broker-7:6650'])
  pool.close()
})

test('a host that is gone is passed over, and the one that answered is asked next time', async () => {
  const gone = await fakeBroker()
  await gone[Symbol.asyncDispose]()
  await using broker = await fakeBroker()
  const pool = poolFor(`pulsar://127.0.0.1:${gone.port},127.0.0.1:${broker.port}`)
  expect(await partitionsOf(pool, topic)).toBe(0)
  expect(await partitionsOf(pool, topic)).toBe(0)
  expect(count(broker, 'connect')).toBe(1)
  pool.close()
})

test('a connection that closed is replaced when it is next asked for', async () => {
  await using broker = await fakeBroker()
  const pool = poolFor(broker.url)
  const before = await pool.any()
  const closed = new Promise<void>((resolve) => before.onClose(resolve))
  broker.cut()
  await closed
  expect(await pool.any()).not.toBe(before)
  pool.close()
})

test('a closed pool opens nothing any more', async () => {
  await using broker = await fakeBroker()
  const pool = poolFor(broker.url)
  pool.close()
  await expect(pool.any()).rejects.toMatchObject({ code: 'closed' })
  expect(broker.sessions.size).toBe(0)
})

test('the address wanted of a broker that has several is named in lookups', async () => {
  await using broker = await fakeBroker()
  const pool = poolFor(broker.url, { listenerName: 'outside' })
  await connectionFor(pool, topic)
  expect(broker.received.find(({ type }) => type === 'lookup')?.body).toMatchObject({
    advertisedListenerName: 'outside',
  })
  pool.close()
})
