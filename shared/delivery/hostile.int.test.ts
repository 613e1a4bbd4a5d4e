import { expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import {
  applyEffects,
  effects,
  lockingWork,
  received,
  silent,
} from '../../tests/support/delivery-probe.ts'
import { deliverySetup, idsOf } from '../../tests/support/delivery-setup.ts'
import { until } from '../../tests/support/until.ts'
import { Transient } from '../kernel/fates.ts'
import { toArrival, type Arrival } from './arrival.ts'
import { defaultPatience, type Consumption } from './consumption.ts'
import { drainLanes } from './drainer.ts'
import { contended } from './failures.ts'
import { heldKeys } from './held-keys.ts'
import { listDeadLetters, listLanes } from './lane-listing.ts'
import { appendToLanes, openLane } from './lane-store.ts'
import { outageOf } from './outage.ts'
import { runBatch } from './run-batch.ts'

const setup = deliverySetup()
const effectIds = async () => idsOf(await effects(setup.database))

const endless = (): string => randomBytes(4000).toString('hex')

test('an id or a key longer than any index takes stops only its own message', async () => {
  const [id, key] = [endless(), endless()]
  const messages = [
    { ...received('a', 'm1'), properties: { ...received('a', 'm1').properties, ce_id: id } },
    { ...received('b', 'm2'), key, payload: new TextEncoder().encode('{"cut') },
    received(endless(), 'm3'),
    received('d', 'm4'),
  ]
  setup.consume()
  setup.broker.deliver(messages)
  await setup.broker.acknowledgedAll(idsOf(messages))
  expect(await effectIds()).toEqual(['m3', 'm4'])
  const letters = await listDeadLetters(setup.database)
  expect(letters.map(({ slug }) => slug)).toEqual(['unreadable-message', 'unreadable-message'])
  expect(letters.find(({ brokerId }) => brokerId === messages[0]!.id)?.properties['ce_id']).toBe(id)
})

const consumptionOf = (signal: AbortSignal, over: Partial<Consumption> = {}): Consumption => ({
  subscription: 'test',
  database: setup.database,
  work: lockingWork(),
  logger: silent,
  patience: { ...defaultPatience, retryPauseMs: 1, laneRetryMs: 10 },
  outage: outageOf('the database', silent, signal),
  signal,
  acknowledge: () => {},
  ...over,
})

test('two drainers that meet in one lane give up none of its messages', async () => {
  const arrivals = ['m1', 'm2'].map((id) => toArrival(received('a', id)))
  await setup.database.transaction(async (transaction) => {
    await openLane(transaction, { subscription: 'test', key: 'a' }, 'retrying', 0)
    await appendToLanes(
      transaction,
      'test',
      arrivals.map((arrival) => ({ arrival, attempts: 0 })),
    )
  })
  const stopping = new AbortController()
  let others = 2
  // Between the count of a run and its transaction somebody else counts a run of their own.
  const database = {
    ...setup.database,
    query: setup.database.query,
    transaction: async <T>(work: Parameters<typeof setup.database.transaction<T>>[0]) => {
      if (others-- > 0)
        await setup.database.query('UPDATE delivery.lane_message SET attempts = attempts + 1')
      return setup.database.transaction(work)
    },
  }
  const draining = drainLanes(consumptionOf(stopping.signal, { database }), 5)
  await until(async () => {
    await setup.database.query('UPDATE delivery.lane SET next_attempt_at = now()')
    return (
      (await setup.count('delivery.lane')) === 0 ||
      (await listDeadLetters(setup.database)).length > 0
    )
  })
  stopping.abort()
  await draining
  expect(await listDeadLetters(setup.database)).toEqual([])
  expect(await effectIds()).toEqual(['m1', 'm2'])
})

test('a batch that is tried again and again hands each message of a held key over once', async () => {
  const stopping = new AbortController()
  let runs = 0
  const consumption = consumptionOf(stopping.signal, {
    work: {
      async handle() {
        if ((runs += 1) > 4) stopping.abort()
        throw new Transient('away', 'something that the handler needs')
      },
    },
  })
  const added: Arrival[] = []
  const held = {
    ...heldKeys(consumption),
    has: (key: string) => key === 'held',
    async add(_key: string, messages: readonly { readonly arrival: Arrival }[]) {
      added.push(...messages.map(({ arrival }) => arrival))
    },
  }
  const batch = [received('held', 'm1'), received('free', 'm2')].map((one) => toArrival(one))
  await runBatch(consumption, held, batch)
  expect(runs).toBeGreaterThan(2)
  expect(added.map(({ id }) => id)).toEqual(['m1'])
})

test('a command sent longer ago than repeats are remembered is expired, however late it was published', () => {
  const day = 86_400_000
  const sent = received('a', 'm1', {}, new Date(Date.now() - 8 * day))
  const again = { ...sent, publishTime: new Date() }
  expect(toArrival(again, 7 * day).fault?.slug).toBe('message-expired')
  expect(toArrival(again).fault).toBeUndefined()
  const odd = { ...again, properties: { ...again.properties, ce_time: 'yesterday' } }
  expect(toArrival(odd, 7 * day).fault).toBeUndefined()
})

test('a lane drains once what its head lacks has come, however much has come before that', async () => {
  const missing = received('a', 'missing')
  const waiting = Array.from({ length: 250 }, (_, n) => received('a', `m${n}`))
  let seen = false
  setup.consume({
    work: {
      async handle(transaction, deliveries) {
        if (!seen && !deliveries.some(({ id }) => id === 'missing')) throw contended('missing')
        await applyEffects(transaction, deliveries)
        seen = true
        return { deferred: [] }
      },
    },
    patience: { parkAfterMs: 50 },
  })
  setup.broker.deliver(waiting)
  await setup.broker.acknowledgedAll(idsOf(waiting))
  expect(await listLanes(setup.database)).toMatchObject([{ key: 'a', state: 'retrying' }])
  setup.broker.deliver([missing])
  await until(async () => (await setup.count('delivery.lane')) === 0)
  expect(await setup.count('effect')).toBe(251)
}, 20_000)
