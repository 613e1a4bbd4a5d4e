import { expect, test } from 'bun:test'
import { applyEffects, effects, lockingWork, received } from '../../tests/support/delivery-probe.ts'
import { deliverySetup, idsOf } from '../../tests/support/delivery-setup.ts'
import { until } from '../../tests/support/until.ts'
import { Poison } from '../kernel/fates.ts'
import { blame } from './failures.ts'
import { discardDeadLetter, editDeadLetter, redriveLane, retryLane } from './lane-operations.ts'
import { findDeadLetters, listDeadLetters, listLanes } from './lane-listing.ts'
import type { Delivery, Parking, Work } from './work.ts'

const setup = deliverySetup()
const effectIds = async () => idsOf(await effects(setup.database))
const hundred = () => Array.from({ length: 100 }, (_, n) => received(`key ${n}`, `m${n}`))
const failingFor = (fails: (delivery: Delivery) => unknown): Work =>
  lockingWork((deliveries) => {
    for (const delivery of deliveries) {
      const error = fails(delivery)
      if (error) throw error
    }
  })

test('a message that cannot be read becomes a dead letter; the 99 others take effect', async () => {
  const messages = hundred()
  const broken = messages[42]!
  messages[42] = { ...broken, payload: new TextEncoder().encode('{"cut') }
  setup.consume()
  setup.relay()
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  expect((await effectIds()).length).toBe(99)
  const [letter] = await findDeadLetters(setup.database, { messageId: 'm42' })
  expect(letter).toMatchObject({
    messageId: 'm42',
    key: 'key 42',
    slug: 'unreadable-message',
    waiting: 0,
  })
  expect(new TextDecoder().decode(letter?.payload)).toBe('{"cut')
  await setup.broker.publishedCount(1)
  expect(setup.broker.published[0]).toMatchObject({
    topic: 'persistent://aeroalpes/dead-letters/test',
    key: 'key 42',
    properties: {
      REAL_TOPIC: broken.topic,
      REAL_SUBSCRIPTION: 'test',
      ORIGIN_MESSAGE_ID: broken.id,
      ce_id: 'm42',
      ce_correlationid: 'correlation of m42',
      ce_errorslug: 'unreadable-message',
      ce_error: 'the payload is not JSON in UTF-8',
      ce_attempts: '1',
    },
  })
})

test('bytes that Postgres cannot keep as text do not stop the batch', async () => {
  const messages = [
    received('a', 'm1'),
    { ...received('b', 'm2'), key: 'b\0', properties: { ce_id: 'nul\0', odd: '\ud800' } },
    { ...received('c', 'm3'), key: '', properties: {} },
  ]
  setup.consume()
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  expect(await effectIds()).toEqual(['m1'])
  expect((await listDeadLetters(setup.database)).length).toBe(2)
})

test('a handler that always fails for one message is given three runs, and harms nobody', async () => {
  const messages = hundred()
  const runs: number[] = []
  const parked: Parking[] = []
  const work = failingFor(({ id, attempts }) => {
    if (id !== 'm42') return undefined
    runs.push(attempts)
    return new Error('no seats in this plane')
  })
  setup.consume({ work: { ...work, parked: async (_, __, parking) => void parked.push(parking) } })
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  expect((await effectIds()).length).toBe(99)
  expect(parked).toEqual([
    { state: 'failed', slug: 'handler-failed', detail: 'no seats in this plane', attempts: 3 },
  ])
  // The search for it runs it with others; the run that finds it is the first.
  expect(runs.slice(-3)).toEqual([1, 2, 3])
  expect(await setup.count('delivery.attempt')).toBe(0)
})

test('an error that names its message needs no search', async () => {
  let batches = 0
  const inner = failingFor(({ id }) => id === 'm42' && blame(new Poison('unknown-type', 'no'), id))
  setup.consume({
    work: {
      handle(...given) {
        batches++
        return inner.handle(...given)
      },
    },
  })
  const messages = hundred()
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  expect(batches).toBe(2)
  expect(await listDeadLetters(setup.database)).toMatchObject([
    { messageId: 'm42', slug: 'unknown-type', attempts: 1 },
  ])
})

test('a handler that recovers within three runs loses nothing and keeps the order', async () => {
  let failures = 2
  setup.consume({ work: failingFor(({ id }) => id === 'm2' && failures-- > 0 && new Error('no')) })
  const messages = ['m1', 'm2', 'm3', 'm4'].map((id) => received('a', id))
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  expect(await effectIds()).toEqual(['m1', 'm2', 'm3', 'm4'])
  expect(await setup.count('delivery.lane')).toBe(0)
})

test('of 50 keys one fails: the others complete, its messages wait, and a redrive runs them in order', async () => {
  const messages = Array.from({ length: 1000 }, (_, n) => received(`key ${n % 50}`, `m${n}`))
  let repaired = false
  const waiting: string[] = []
  const work = failingFor(({ id }) => id === 'm107' && !repaired && new Error('not yet'))
  setup.consume({
    work: {
      ...work,
      async parked(_, delivery, { state }) {
        if (state === 'waiting-behind') waiting.push(delivery.id)
      },
    },
  })
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  const ofKey = messages.map((_, n) => `m${n}`).filter((_, n) => n % 50 === 7)
  const behind = ofKey.slice(3)
  expect(waiting).toEqual(behind)
  expect((await effectIds()).length).toBe(1000 - 18)
  expect(await listLanes(setup.database)).toMatchObject([
    { key: 'key 7', state: 'closed', messages: 18, headId: 'm107', error: 'not yet' },
  ])

  repaired = true
  const lane = { subscription: 'test', key: 'key 7' }
  expect(await retryLane(setup.database, lane)).toBe('refused')
  expect(await redriveLane(setup.database, lane, 'm157')).toBe('refused')
  expect(await listLanes(setup.database, lane)).toMatchObject([{ state: 'closed' }])
  expect(await redriveLane(setup.database, lane, 'm107')).toBe('done')
  setup.broker.deliver([received('key 7', 'after')])
  await until(async () => (await effectIds()).length === 1001)
  const ofLane = (await effects(setup.database)).filter(({ key }) => key === 'key 7')
  expect(idsOf(ofLane)).toEqual([...ofKey, 'after'])
  await until(async () => (await setup.count('delivery.lane')) === 0)
  const [redriven] = await setup.database.query(
    `SELECT epoch FROM delivery.inbox WHERE message_id = 'm107'`,
  )
  expect(redriven).toEqual({ epoch: 1 })
})

test('a redrive that fails again closes the lane again, with what waits still in order', async () => {
  setup.consume({ work: failingFor(({ id }) => id === 'm1' && new Error('still no')) })
  setup.relay()
  const messages = ['m1', 'm2', 'm3'].map((id) => received('a', id))
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  await setup.broker.publishedCount(1)
  await redriveLane(setup.database, { subscription: 'test', key: 'a' })
  await setup.broker.publishedCount(2)
  expect(setup.broker.published.map(({ properties }) => properties['ce_redrives'])).toEqual([
    '0',
    '1',
  ])
  expect(await listLanes(setup.database)).toMatchObject([{ state: 'closed', messages: 3 }])
  expect(await effectIds()).toEqual([])
})

test('a dead letter that is edited and redriven takes effect as edited, once', async () => {
  const seen: unknown[] = []
  setup.consume({
    work: {
      async handle(transaction, deliveries) {
        for (const { envelope } of deliveries) {
          if ((envelope.data as { seats: number }).seats < 0) throw new Error('negative')
          seen.push(envelope.data)
        }
        await applyEffects(transaction, deliveries)
        return { deferred: [] }
      },
    },
  })
  const message = received('a', 'm1', { seats: -1 })
  setup.broker.deliver([message])
  await setup.broker.acknowledgedAll([message.id])
  const id = { subscription: 'test', messageId: 'm1' }
  const payload = new TextEncoder().encode('{"seats":1}')
  const [letter] = await findDeadLetters(setup.database, id)
  expect(await editDeadLetter(setup.database, id, { payload }, letter)).toBe('done')
  expect(await editDeadLetter(setup.database, id, { payload: message.payload }, letter)).toBe(
    'refused',
  )
  await redriveLane(setup.database, { subscription: 'test', key: 'a' })
  await until(async () => (await effectIds()).length === 1)
  setup.broker.deliver([message])
  await until(() => setup.broker.acknowledged.length === 2)
  expect(seen).toEqual([{ seats: 1 }])
})

test('a discarded dead letter never runs, and those behind it do', async () => {
  setup.consume({ work: failingFor(({ id }) => id === 'm1' && new Error('no')) })
  const messages = ['m1', 'm2', 'm3'].map((id) => received('a', id))
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  const waiting = { subscription: 'test', messageId: 'm2' }
  expect(await discardDeadLetter(setup.database, waiting)).toBe('refused')
  const dead = { ...waiting, messageId: 'm1' }
  expect(await discardDeadLetter(setup.database, dead, 'a test of the neighbours')).toBe('done')
  expect(await discardDeadLetter(setup.database, dead)).toBe('not-found')
  await until(async () => (await setup.count('delivery.lane')) === 0)
  expect(await effectIds()).toEqual(['m2', 'm3'])
  // All that is left of it is in the topic.
  setup.relay()
  await setup.broker.publishedCount(2)
  expect(setup.broker.published[1]).toMatchObject({
    key: 'a',
    properties: { ce_id: 'm1', ce_discarded: 'a test of the neighbours' },
  })
})

test('a command older than the memory of repeats is dead-lettered, never run', async () => {
  const old = received('a', 'old', {}, new Date(Date.now() - 3_601_000))
  setup.consume({ maxAgeMs: 3_600_000 })
  setup.broker.deliver([old, received('b', 'new')])
  await setup.broker.acknowledgedAll([old.id, 'broker new'])
  expect(await effectIds()).toEqual(['new'])
  expect(await listDeadLetters(setup.database)).toMatchObject([
    { messageId: 'old', slug: 'message-expired' },
  ])
})
