import { afterAll, beforeAll, expect, test } from 'bun:test'
import { newId } from '../shared/kernel/ids.ts'
import { type Envelope } from '../shared/messaging/envelope.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import { deliveryOf } from '../tests/support/recorded-events.ts'
import { tallied, tally } from '../tests/support/tally-saga.ts'
import { endSagas } from './saga-end.ts'
import { sagaWork } from './saga-work.ts'

let home: TestDatabase
let database: Database
beforeAll(async () => {
  home = await testDatabase(['delivery', 'uow'])
  database = openDatabase(home.url, { name: 'test', max: 4 })
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
}, 60_000)

const work = sagaWork({ saga: tally, clock: () => new Date(), committed: () => {} })
const handle = (...events: readonly Envelope[]) =>
  database.transaction((transaction) =>
    work.handle(transaction, events.map(deliveryOf), { wait: false }),
  )
const sentTo = async () =>
  (await database.query<{ key: string }>('SELECT key FROM delivery.outbox ORDER BY id')).map(
    ({ key }) => key,
  )
const began = (subject: string) => tallied(newId(), subject, 'Began')
const added = (subject: string) => tallied(newId(), subject, 'Added', { amount: 1 })

test('a saga that was ended by hand reacts to nothing any more, and others do', async () => {
  await handle(began('lost'), began('other'))
  expect(await endSagas(database, 'lost', 'discarded')).toBe(true)
  expect(await endSagas(database, 'lost', 'again')).toBe(false)
  const timer = { timer_id: newId(), saga: 'tally', saga_id: 'lost', name: 'patience' }
  await handle(added('lost'), tallied(newId(), 'lost', 'TimerFired', timer), added('other'))
  expect(await sentTo()).toEqual(['lost', 'other', 'other'])
  const rows = 'SELECT id, step, state, ended_at IS NOT NULL AS ended FROM uow.saga ORDER BY id'
  expect(await database.query(rows)).toMatchObject([
    { step: 'ended-by-hand', ended: true, state: { notes: 1, ended_by_hand: 'discarded' } },
    { step: 'note 2', ended: false },
  ])
})
