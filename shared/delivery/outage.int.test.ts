import { expect, test } from 'bun:test'
import { effects, lockingWork, received } from '../../tests/support/delivery-probe.ts'
import { deliverySetup, idsOf } from '../../tests/support/delivery-setup.ts'
import { until } from '../../tests/support/until.ts'
import { Transient } from '../kernel/fates.ts'
import type { Work } from './work.ts'

const setup = deliverySetup()
const effectIds = async () => idsOf(await effects(setup.database))
const broken = (error: () => unknown): Work => {
  const inner = lockingWork()
  return {
    async handle(...given) {
      const thrown = error()
      if (thrown) throw thrown
      return inner.handle(...given)
    },
  }
}

test('while something is away nothing is counted and nothing lost', async () => {
  let outages = 4
  setup.consume({ work: broken(() => outages-- > 0 && new Transient('mail-unavailable', 'away')) })
  setup.broker.deliver([received('a', 'a1')])
  await setup.broker.acknowledgedAll(['broker a1'])
  setup.broker.deliver([received('a', 'a2'), received('b', 'b1')])
  await setup.broker.acknowledgedAll(['broker a2', 'broker b1'])
  expect(await effectIds()).toEqual(['a1', 'a2', 'b1'])
  expect(await setup.count('delivery.attempt')).toBe(0)
  expect(await setup.count('delivery.lane')).toBe(0)
}, 20_000)

test('a broker that is back is known to be back without a message', async () => {
  setup.broker.away = true
  const consumer = setup.consume()
  const isFine = async () => (await consumer.check()).every(({ ok }) => ok)
  await until(async () => !(await isFine()))
  setup.broker.away = false
  await until(isFine)
})

test('a database that is back is known to be back without a message', async () => {
  let isAway = true
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  const { database } = setup
  const query: typeof database.query = (...given) =>
    isAway ? Promise.reject(refused) : database.query(...given)
  const consumer = setup.consume({ database: { ...database, query }, lanePollMs: 10 })
  const isFine = async () => (await consumer.check()).every(({ ok }) => ok)
  await until(async () => !(await isFine()))
  isAway = false
  await until(isFine)
})

test('connections that Postgres ends, also in the middle of a batch, cost nothing', async () => {
  const inner = lockingWork()
  let cuts = 5
  const consumer = setup.consume({
    work: {
      async handle(transaction, deliveries, options) {
        const handled = await inner.handle(transaction, deliveries, options)
        if (cuts-- > 0) await transaction.query('SELECT pg_terminate_backend(pg_backend_pid())')
        return handled
      },
    },
  })
  const messages = Array.from({ length: 50 }, (_, n) => received(`key ${n % 5}`, `m${n}`))
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  expect(await effectIds()).toEqual(messages.map((_, n) => `m${n}`))
  expect(await setup.count('delivery.attempt')).toBe(0)
  expect((await consumer.check()).every(({ ok }) => ok)).toBe(true)
}, 20_000)

test('a COMMIT whose answer is lost decides nothing: the message is processed again, and once', async () => {
  const { database } = setup
  let lost = 3
  const losing = {
    ...database,
    query: database.query,
    async transaction<T>(work: Parameters<typeof database.transaction<T>>[0]) {
      const value = await database.transaction(work)
      if (lost-- > 0) throw Object.assign(new Error('connection lost'), { code: '08006' })
      return value
    },
  }
  setup.consume({ database: losing })
  const messages = ['a1', 'a2'].map((id) => received('a', id))
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  expect(await effectIds()).toEqual(['a1', 'a2'])
}, 20_000)

test('a broker that is away is waited for, and check says so', async () => {
  setup.broker.away = true
  const consumer = setup.consume()
  const brokerCheck = async () =>
    (await consumer.check()).find(({ name }) => name === 'test broker')
  await until(async () => (await brokerCheck())?.ok === false)
  setup.broker.away = false
  setup.broker.deliver([received('a', 'm1')])
  await setup.broker.acknowledgedAll(['broker m1'])
  expect((await brokerCheck())?.ok).toBe(true)
})

test('a consumer that was closed from outside is replaced', async () => {
  const { broker } = setup
  let subscribed = 0
  setup.consume({
    broker: {
      async subscribe(options) {
        const consumer = await broker.subscribe(options)
        return ++subscribed > 1 ? consumer : { ...consumer, receive: async () => [] }
      },
    },
  })
  broker.deliver([received('a', 'm1')])
  await broker.acknowledgedAll(['broker m1'])
  expect(subscribed).toBe(2)
})
