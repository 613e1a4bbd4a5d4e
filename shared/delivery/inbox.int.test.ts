import { expect, test } from 'bun:test'
import { received } from '../../tests/support/delivery-probe.ts'
import { deliverySetup } from '../../tests/support/delivery-setup.ts'
import { until } from '../../tests/support/until.ts'
import { toArrival, type Arrival } from './arrival.ts'
import { defaultPatience } from './consumption.ts'
import { purgeDelivery } from './housekeeping.ts'
import { admit, markInFlight } from './inbox.ts'
import { appendToLanes, openLane } from './lane-store.ts'

const setup = deliverySetup()
const consumption = { subscription: 'test', patience: defaultPatience }
const arrival = (key: string, id: string): Arrival => toArrival(received(key, id))
const waitingForLock = async () => {
  const [row] = await setup.database.query<{ waiting: number }>(
    `SELECT count(*)::int AS waiting FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  )
  return row?.waiting === 1
}

test('a message is fresh once, for each subscription', async () => {
  const admitTwo = (subscription: string) =>
    setup.database.transaction((transaction) =>
      admit(
        transaction,
        { ...consumption, subscription },
        [arrival('a', '1'), arrival('a', '2')],
        false,
      ),
    )
  expect([...(await admitTwo('one')).fresh].sort()).toEqual(['1', '2'])
  expect((await admitTwo('one')).fresh).toEqual([])
  expect([...(await admitTwo('other')).fresh].sort()).toEqual(['1', '2'])
})

test('who waited for the transaction that parked a key finds its lane', async () => {
  const parked = Promise.withResolvers<void>()
  const mayCommit = Promise.withResolvers<void>()
  const first = arrival('a', '1')
  const parking = setup.database.transaction(async (transaction) => {
    await admit(transaction, consumption, [first], false)
    await openLane(transaction, { subscription: 'test', key: 'a' }, 'closed', 0)
    await appendToLanes(transaction, 'test', [{ arrival: first, attempts: 3 }])
    parked.resolve()
    await mayCommit.promise
  })
  await parked.promise
  const overtaking = setup.database.transaction((transaction) =>
    admit(transaction, consumption, [first, arrival('a', '2')], false),
  )
  await until(waitingForLock)
  mayCommit.resolve()
  await parking
  expect(await overtaking).toEqual({ fresh: ['2'], laned: ['a'], busy: [] })
})

test('a lane that somebody else holds makes its key busy, not the batch slow', async () => {
  await setup.database.transaction((transaction) =>
    openLane(transaction, { subscription: 'test', key: 'a' }, 'retrying', 0),
  )
  const held = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const holding = setup.database.transaction(async (transaction) => {
    await transaction.query('SELECT FROM delivery.lane FOR UPDATE')
    held.resolve()
    await done.promise
  })
  await held.promise
  const admission = await setup.database.transaction((transaction) =>
    admit(transaction, consumption, [arrival('a', '1'), arrival('b', '2')], false),
  )
  done.resolve()
  await holding
  expect(admission).toMatchObject({ laned: [], busy: ['a'] })
})

test('what another consumer was running when it ended is suspect, unless it took effect', async () => {
  const one = { subscription: 'test', id: '00000000-0000-7000-8000-000000000001' }
  const other = { subscription: 'test', id: '00000000-0000-7000-8000-000000000002' }
  const elsewhere = { ...other, subscription: 'elsewhere' }
  expect(await markInFlight(setup.database, one, ['1', '2'], ['held'])).toEqual(new Set())
  await setup.database.transaction((transaction) =>
    admit(transaction, consumption, [arrival('a', '2')], false),
  )
  expect(await markInFlight(setup.database, elsewhere, ['1'], [])).toEqual(new Set())
  expect(await markInFlight(setup.database, one, ['1'], ['held'])).toEqual(new Set())
  const suspects = await markInFlight(setup.database, other, ['1', '2', '3', 'held'], [])
  expect(suspects).toEqual(new Set(['1', 'held']))
})

test('repeats are remembered for the time asked, and then purged', async () => {
  await setup.database.query(
    `INSERT INTO delivery.inbox (subscription, message_id, received_at)
     SELECT 'test', 'm' || n, now() - n * interval '1 minute' FROM generate_series(1, 12000) n`,
  )
  expect(await purgeDelivery(setup.database, 100 * 60_000)).toBe(12_000 - 160 + 1)
  expect(await setup.count('delivery.inbox')).toBe(159)
})
