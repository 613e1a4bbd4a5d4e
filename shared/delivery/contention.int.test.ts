import { expect, test } from 'bun:test'
import { effects, lockingWork, received } from '../../tests/support/delivery-probe.ts'
import { deliverySetup, idsOf } from '../../tests/support/delivery-setup.ts'
import { until } from '../../tests/support/until.ts'
import { blame, contended } from './failures.ts'
import { listLanes } from './lane-listing.ts'
import type { Work } from './work.ts'

const setup = deliverySetup()
const effectIds = async () => idsOf(await effects(setup.database))

/** Holds the row of `key` from outside until `release` is called. */
const holdRow = async (key: string) => {
  await setup.database.query('INSERT INTO target VALUES ($1)', [key])
  const taken = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const over = setup.database.transaction(async (transaction) => {
    await transaction.query('SELECT FROM target WHERE key = $1 FOR UPDATE', [key])
    taken.resolve()
    await released.promise
  })
  await taken.promise
  return async () => {
    released.resolve()
    await over
  }
}

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

test('a foreign lock delays its key, in order, and nobody else', async () => {
  const release = await holdRow('a')
  setup.consume()
  const others = ['b1', 'b2', 'b3'].map((id) => received('b', id))
  const delayed = ['a1', 'a2', 'a3'].map((id) => received('a', id))
  setup.broker.deliver([delayed[0]!, others[0]!, delayed[1]!, others[1]!])
  setup.broker.deliver([delayed[2]!, others[2]!])
  await setup.broker.acknowledgedAll(idsOf(others))
  expect(await effectIds()).toEqual(['b1', 'b2', 'b3'])
  expect(setup.broker.acknowledged).toEqual(idsOf(others))
  await release()
  await setup.broker.acknowledgedAll(idsOf(delayed))
  expect((await effectIds()).slice(3)).toEqual(['a1', 'a2', 'a3'])
})

test('a message that comes while its key is held does not overtake', async () => {
  const waiting = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const inner = lockingWork()
  setup.consume({
    work: {
      async handle(transaction, deliveries, options) {
        const first = deliveries.filter(({ id }) => id === 'a1')
        if (!options.wait && first.length > 0) return { deferred: first }
        if (first.length > 0) {
          waiting.resolve()
          await released.promise
        }
        return inner.handle(transaction, deliveries, options)
      },
    },
  })
  setup.broker.deliver([received('a', 'a1')])
  await waiting.promise
  setup.broker.deliver([received('a', 'a2'), received('b', 'b1')])
  await setup.broker.acknowledgedAll(['broker b1'])
  released.resolve()
  await setup.broker.acknowledgedAll(['broker a1', 'broker a2'])
  expect(await effectIds()).toEqual(['b1', 'a1', 'a2'])
})

test('work that lets a message overtake a deferred one is corrected', async () => {
  const inner = lockingWork()
  setup.consume({
    work: {
      async handle(transaction, deliveries, options) {
        const first = options.wait ? [] : deliveries.filter(({ id }) => id === 'a1')
        const rest = deliveries.filter((delivery) => !first.includes(delivery))
        await inner.handle(transaction, rest, options)
        return { deferred: first }
      },
    },
  })
  const messages = ['a1', 'a2', 'a3'].map((id) => received('a', id))
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  expect(await effectIds()).toEqual(['a1', 'a2', 'a3'])
})

test('a lock that stays taken parks its key, which is tried again by itself and never given up', async () => {
  const release = await holdRow('a')
  const states: string[] = []
  const short = { parkAfterMs: 1 }
  const work: Work = {
    ...lockingWork(),
    parked: async (_, { id }, { state, slug }) => void states.push(`${id} ${state} ${slug}`),
  }
  setup.consume({ work, patience: short })
  const messages = ['a1', 'a2'].map((id) => received('a', id))
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  expect(states).toEqual(['a1 retrying lock-stays-taken', 'a2 waiting-behind waiting-behind'])
  await until(async () => {
    const [lane] = await setup.database.query<{ retries: number }>(
      'SELECT retries FROM delivery.lane',
    )
    return (lane?.retries ?? 0) >= 1
  })
  expect(await listLanes(setup.database)).toMatchObject([{ state: 'retrying', messages: 2 }])
  await release()
  await until(async () => (await setup.count('delivery.lane')) === 0)
  expect(await effectIds()).toEqual(['a1', 'a2'])
}, 20_000)

test('contention is never counted, however often it comes', async () => {
  let times = 20
  setup.consume({
    work: broken(() => times-- > 0 && contended('somebody was quicker')),
    patience: { parkAfterMs: 30 },
  })
  const messages = ['a1', 'a2', 'a3'].map((id) => received('a', id))
  setup.broker.deliver(messages)
  await until(async () => (await effectIds()).length === 3)
  expect(await effectIds()).toEqual(['a1', 'a2', 'a3'])
  expect(await setup.count('delivery.lane_message WHERE dead_at IS NOT NULL')).toBe(0)
}, 20_000)

test('contention that names its message holds only that key', async () => {
  let times = 5
  const alone: number[] = []
  const inner = lockingWork()
  setup.consume({
    work: {
      async handle(transaction, deliveries, options) {
        alone.push(deliveries.length)
        if (deliveries.some(({ id }) => id === 'a1') && times-- > 0)
          throw blame(contended('not yet'), 'a1')
        return inner.handle(transaction, deliveries, options)
      },
    },
  })
  const messages = [received('a', 'a1'), ...Array.from({ length: 50 }, (_, n) => received(`k${n}`))]
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  expect(alone.filter((size) => size > 1)).toEqual([51, 50])
})

test('an event that waits for an earlier one is run together with it once both are parked', async () => {
  const inner = lockingWork()
  const seen = new Set<string>()
  setup.consume({
    patience: { parkAfterMs: 1 },
    work: {
      async handle(transaction, deliveries, options) {
        for (const { id } of deliveries) seen.add(id)
        const ids = idsOf(deliveries)
        if (ids.includes('second') && !ids.includes('first')) throw contended('first is missing')
        return inner.handle(transaction, deliveries, options)
      },
    },
  })
  setup.broker.deliver([received('a', 'second')])
  await setup.broker.acknowledgedAll(['broker second'])
  setup.broker.deliver([received('a', 'first')])
  await until(async () => (await effectIds()).length === 2)
  await until(async () => (await setup.count('delivery.lane')) === 0)
})
