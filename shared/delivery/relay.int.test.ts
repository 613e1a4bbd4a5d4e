import { beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { received, silent } from '../../tests/support/delivery-probe.ts'
import { deliverySetup } from '../../tests/support/delivery-setup.ts'
import { until } from '../../tests/support/until.ts'
import { Invalid, Transient } from '../kernel/fates.ts'
import type { Publisher } from '../messaging/port.ts'
import { appendOutbox, outboxDepth, type OutboxEntry } from './outbox.ts'
import { outboxSignal } from './outbox-signal.ts'

const setup = deliverySetup()
const never = 600_000

beforeAll(async () => {
  await setup.database.query('CREATE TABLE published (place bigserial PRIMARY KEY, id text)')
}, 60_000)

const entry = (key: string, id: string): OutboxEntry => ({ topic: 't', message: received(key, id) })
const numbered = (length: number, keys: number) =>
  Array.from({ length }, (_, n) => entry(`key ${n % keys}`, `m${n}`))
const append = (entries: readonly OutboxEntry[]) =>
  setup.database.transaction((transaction) => appendOutbox(transaction, entries))
const publishedIds = () => setup.broker.published.map(({ properties }) => properties['ce_id'])
const empty = async () => (await outboxDepth(setup.database)) === 0
/** The scripted broker with a publisher that goes wrong as told. */
const brokerWith = (publish: (id: string, store: () => Promise<string>) => Promise<string>) => ({
  publisher(): Publisher {
    const inner = setup.broker.publisher()
    return {
      ...inner,
      publish: (topic, message) =>
        publish(message.properties['ce_id'] ?? '', () => inner.publish(topic, message)),
    }
  },
})

test('what was committed is published in the order given, and then gone', async () => {
  const relay = setup.relay({ pollMs: never })
  await append(numbered(100, 1))
  relay.wake()
  await setup.broker.publishedCount(100)
  expect(publishedIds()).toEqual(Array.from({ length: 100 }, (_, n) => `m${n}`))
  expect(setup.broker.published[0]).toMatchObject({ topic: 't', key: 'key 0' })
  expect(new TextDecoder().decode(setup.broker.published[0]?.payload)).toBe('{}')
  await until(empty)
})

test('what is rolled back is not published', async () => {
  const relay = setup.relay({ pollMs: never })
  const failing = setup.database.transaction(async (transaction) => {
    await appendOutbox(transaction, [entry('a', 'rolled back')])
    throw new Error('no')
  })
  await failing.catch(() => undefined)
  await append([entry('a', 'kept')])
  relay.wake()
  await setup.broker.publishedCount(1)
  expect(publishedIds()).toEqual(['kept'])
})

test('another process wakes the relay with one notification, whatever it commits meanwhile', async () => {
  setup.relay({ pollMs: never })
  await append([entry('a', 'first')])
  const { database } = setup
  const signal = outboxSignal(database, silent)
  signal()
  await setup.broker.publishedCount(1)
  await append([entry('a', 'second')])
  const before = database.statements
  for (let n = 0; n < 50; n++) signal()
  await setup.broker.publishedCount(2)
  // One notification, then the relay's own round or two, and perhaps a renewed lease.
  expect(database.statements - before).toBeLessThan(6)
})

test('the roles of a process notify others together', async () => {
  const { database } = setup
  const signals = [1, 2, 3].map(() => outboxSignal(database, silent))
  const before = database.statements
  for (const signal of signals) signal()
  await until(async () => database.statements > before)
  expect(database.statements - before).toBe(1)
})

test('without any wake-up the poll finds what was committed', async () => {
  setup.relay({ pollMs: 20 })
  await append([entry('a', 'm1')])
  await setup.broker.publishedCount(1)
})

test('a key whose first message fails is not overtaken by its second', async () => {
  let failures = 3
  const broker = brokerWith((id, store) =>
    id === 'm0' && failures-- > 0
      ? Promise.reject(new Transient('broker-unavailable', 'away'))
      : store(),
  )
  setup.relay({ broker })
  await append(numbered(20, 2))
  await until(empty)
  const ofKey = publishedIds().filter((_, n) => setup.broker.published[n]?.key === 'key 0')
  expect([...new Set(ofKey)]).toEqual(Array.from({ length: 10 }, (_, n) => `m${2 * n}`))
})

test('while the broker is away nothing is lost, and check says so', async () => {
  setup.broker.away = true
  const relay = setup.relay()
  await append(numbered(30, 5))
  await until(async () => (await relay.check()).some(({ ok }) => !ok))
  expect(await outboxDepth(setup.database)).toBe(30)
  setup.broker.away = false
  await until(empty)
  expect((await relay.check()).every(({ ok }) => ok)).toBe(true)
  expect(publishedIds().length).toBe(30)
})

test('a message that the broker refuses is put aside with the reason, and stops nobody', async () => {
  const broker = brokerWith((id, store) =>
    id === 'm1' ? Promise.reject(new Invalid('too large', [], 'message-too-large')) : store(),
  )
  setup.relay({ broker })
  await append(numbered(5, 1))
  await until(empty)
  expect(publishedIds()).toEqual(['m0', 'm2', 'm3', 'm4'])
  const refused = await setup.database.query('SELECT refused FROM delivery.outbox')
  expect(refused).toEqual([{ refused: 'too large' }])
})

test('a relay that is stopped waits for no broker that does not answer', async () => {
  const asked = Promise.withResolvers<void>()
  const broker = brokerWith(() => {
    asked.resolve()
    return new Promise(() => {})
  })
  const relay = setup.relay({ broker })
  await append(numbered(5, 2))
  await asked.promise
  await relay.stop()
  expect(await outboxDepth(setup.database)).toBe(5)
})

test('relays share the partitions evenly, and give them back when they stop', async () => {
  const held = () =>
    setup.database.query<{ partitions: number }>(
      `SELECT count(*)::int AS partitions FROM delivery.relay_lease
       WHERE holder IS NOT NULL AND expires_at > now() GROUP BY holder`,
    )
  const one = setup.relay({ leaseMs: 300 })
  await until(async () => (await held())[0]?.partitions === 16)
  const other = setup.relay({ leaseMs: 300 })
  await until(async () => (await held()).map(({ partitions }) => partitions).join() === '8,8')
  await one.stop()
  await until(async () => (await held())[0]?.partitions === 16)
  await other.stop()
  expect(await held()).toEqual([])
})

test('a topic that cannot be published to delays nobody else, and catches up in order', async () => {
  let missing = true
  const broker = {
    publisher(): Publisher {
      const inner = setup.broker.publisher()
      const publish: Publisher['publish'] = async (topic, message) => {
        if (topic === 'missing' && missing) throw new Transient('topic-not-found', 'no such topic')
        return inner.publish(topic, message)
      }
      return { ...inner, publish }
    },
  }
  const relay = setup.relay({ broker })
  const stuck = numbered(600, 7).map((one) => ({ ...one, topic: 'missing' }))
  await append([...stuck, ...numbered(50, 5)])
  await setup.broker.publishedCount(50)
  expect(setup.broker.published.every(({ topic }) => topic === 't')).toBe(true)
  expect(await relay.check()).toMatchObject([
    { ok: false, detail: expect.stringContaining('not publishing to missing since') },
  ])
  missing = false
  await until(empty)
  expect((await relay.check()).every(({ ok }) => ok)).toBe(true)
  const caughtUp = setup.broker.published.filter(({ topic }) => topic === 'missing')
  for (const key of Array.from({ length: 7 }, (_, n) => n)) {
    const ids = caughtUp.map(({ properties }) => Number(properties['ce_id']?.slice(1)))
    const ofKey = [...new Set(ids.filter((id) => id % 7 === key))]
    expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b))
  }
  expect(new Set(caughtUp.map(({ properties }) => properties['ce_id'])).size).toBe(600)
})

describe.each(['after claim', 'in between', 'after publish'])('a relay killed %s', (step) => {
  test('loses nothing: another publishes the rest, at most one batch twice, in order', async () => {
    await setup.database.query('TRUNCATE published')
    await append(numbered(50, 5))
    const child = join(import.meta.dir, '../../tests/support/relay-crash-child.ts')
    const { exited } = Bun.spawn([process.execPath, child, setup.url, step], { stderr: 'inherit' })
    expect(await exited).toBe(137)
    const before = await setup.database.query<{ id: string }>(
      'SELECT id FROM published ORDER BY place',
    )
    setup.relay()
    await until(empty)
    const ids = [...before.map(({ id }) => id), ...publishedIds()]
    expect(ids.length).toBeLessThanOrEqual(50 + 20)
    for (const key of [0, 1, 2, 3, 4]) {
      const ofKey = [...new Set(ids)].filter((id) => Number(id?.slice(1)) % 5 === key)
      expect(ofKey).toEqual(Array.from({ length: 10 }, (_, n) => `m${n * 5 + key}`))
    }
  }, 30_000)
})
