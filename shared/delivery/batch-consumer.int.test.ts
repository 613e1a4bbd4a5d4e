import { expect, test } from 'bun:test'
import { effects, lockingWork, received } from '../../tests/support/delivery-probe.ts'
import { deliverySetup, idsOf } from '../../tests/support/delivery-setup.ts'
import { until } from '../../tests/support/until.ts'

const setup = deliverySetup()
const effectIds = async () => idsOf(await effects(setup.database))

test('a batch takes effect in order, once, and is acknowledged after its commit', async () => {
  const messages = Array.from({ length: 100 }, (_, n) => received(`key ${n % 7}`, `m${n}`))
  setup.consume()
  setup.broker.deliver([...messages, ...messages.slice(0, 30)])
  await setup.broker.acknowledgedAll(idsOf(messages))
  await until(() => setup.broker.acknowledged.length === 130)
  expect(await effectIds()).toEqual(messages.map((_, n) => `m${n}`))
})

test('a repeat within one batch takes effect once', async () => {
  const twice = [received('a', 'm1'), received('a', 'm2'), received('a', 'm1')]
  setup.consume()
  setup.broker.deliver(twice)
  await until(() => setup.broker.acknowledged.length === 3)
  expect(await effectIds()).toEqual(['m1', 'm2'])
})

test('a batch of 100 costs delivery four statements', async () => {
  setup.consume({ lanePollMs: 60_000 })
  setup.broker.deliver([received('warm up', 'w')])
  await setup.broker.acknowledgedAll(['broker w'])
  const before = setup.database.statements
  const messages = Array.from({ length: 100 }, (_, n) => received(`key ${n}`, `m${n}`))
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  const ofTheWork = 3
  expect(setup.database.statements - before - ofTheWork).toBe(4)
})

test('what does not concern the work is acknowledged, and neither read nor remembered', async () => {
  const other = { ce_type: 'aeroalpes.test.Other.v1' }
  const messages = [
    received('a', 'm1'),
    { ...received('a', 'm2'), properties: other },
    { ...received('b', 'm3'), properties: other, payload: new Uint8Array([1]) },
    { ...received('c', 'm4'), properties: { ce_id: 'm4' } },
    received('a', 'm5'),
  ]
  setup.consume({ work: { ...lockingWork(), concerns: (type) => type !== other.ce_type } })
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  expect(await effectIds()).toEqual(['m1', 'm5'])
  // What says of no type is parked as unreadable.
  expect(await setup.count('delivery.lane')).toBe(1)
  expect(await setup.count('delivery.inbox')).toBe(3)
})

test('two consumers that get the same messages apply each once', async () => {
  const messages = Array.from({ length: 200 }, (_, n) => received(`key ${n % 20}`, `m${n}`))
  setup.consume({ batchSize: 10 })
  setup.consume({ batchSize: 10 })
  // Handed out alternately: each of the two gets about half of every round.
  for (let round = 0; round < 4; round++) setup.broker.deliver(messages)
  await until(() => setup.broker.acknowledged.length === 800)
  expect((await effectIds()).sort()).toEqual(messages.map((_, n) => `m${n}`).sort())
})

test('nothing is acknowledged before its transaction has committed', async () => {
  let seenInside: number | undefined
  const inner = lockingWork()
  const done = Promise.withResolvers<void>()
  setup.consume({
    work: {
      async handle(transaction, deliveries, options) {
        const handled = await inner.handle(transaction, deliveries, options)
        await done.promise
        seenInside = setup.broker.acknowledged.length
        return handled
      },
    },
  })
  setup.broker.deliver([received('a', 'm1')])
  done.resolve()
  await setup.broker.acknowledgedAll(['broker m1'])
  expect(seenInside).toBe(0)
})

test('stop finishes and acknowledges what runs, and takes nothing new', async () => {
  const entered = Promise.withResolvers<void>()
  const leave = Promise.withResolvers<void>()
  const inner = lockingWork()
  const consumer = setup.consume({
    work: {
      async handle(transaction, deliveries, options) {
        entered.resolve()
        await leave.promise
        return inner.handle(transaction, deliveries, options)
      },
    },
  })
  setup.broker.deliver([received('a', 'm1')])
  await entered.promise
  const stopped = consumer.stop()
  setup.broker.deliver([received('a', 'm2')])
  leave.resolve()
  await stopped
  expect(setup.broker.acknowledged).toEqual(['broker m1'])
  expect(await effectIds()).toEqual(['m1'])
  expect(await setup.count('delivery.in_flight')).toBe(0)
})

test('an acknowledgement that fails is repeated', async () => {
  const inner = lockingWork()
  setup.consume({
    work: {
      handle: inner.handle,
      committed() {
        setup.broker.away = true
        queueMicrotask(() =>
          queueMicrotask(() => setTimeout(() => (setup.broker.away = false), 50)),
        )
      },
    },
  })
  setup.broker.deliver([received('a', 'm1')])
  await setup.broker.acknowledgedAll(['broker m1'])
  expect(await effectIds()).toEqual(['m1'])
})
