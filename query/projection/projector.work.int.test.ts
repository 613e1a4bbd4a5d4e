import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Delivery } from '../../shared/delivery/work.ts'
import { newId } from '../../shared/kernel/ids.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { type Database, openDatabase } from '../../shared/postgres/database.ts'
import { databaseTrouble } from '../../shared/postgres/errors.ts'
import { outsideTransaction } from '../../shared/postgres/guard.ts'
import { userVault } from '../../shared/vault/user-keys.ts'
import { type TestDatabase, testDatabase } from '../../tests/support/postgres.ts'
import {
  created,
  credentialKey,
  deliveryOf,
  envelopeOf,
  keepKey,
  person,
  registered,
  reservationHistory,
} from '../../tests/support/recorded-events.ts'
import { shuffledInWindows } from '../../tests/support/shuffle.ts'
import { reservationStream } from '../reservations/reservation.stream.ts'
import { userStream } from '../users/user.stream.ts'
import { projectorWork } from './projector.work.ts'

let home: TestDatabase
let database: Database
beforeAll(async () => {
  home = await testDatabase()
  database = openDatabase(home.url, { name: 'test' })
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
})

const work = () =>
  projectorWork({ streams: [reservationStream, userStream(userVault(database, credentialKey))] })

const handle = (envelopes: readonly Envelope[], wait = false) =>
  database.transaction((tx) => work().handle(tx, envelopes.map(deliveryOf), { wait }))

const rowsOf = (table: string, id: string) =>
  database.query<Record<string, unknown>>(`SELECT * FROM read.${table} WHERE id = $1::uuid`, [id])

test('every event twice, shuffled in windows of 50, leaves each row as the history in order does', async () => {
  const ids = Array.from({ length: 40 }, () => newId())
  const inOrder = [0, 1, 2, 3].flatMap((step) => ids.map((id) => reservationHistory(id)[step]!))
  const twice = shuffledInWindows([...inOrder, ...inOrder], 50, 7)
  let held: readonly Delivery[] = []
  for (let at = 0; at < twice.length; at += 30) {
    const batch = twice.slice(at, at + 30)
    const { deferred } = await handle([...held.map(({ envelope }) => envelope), ...batch])
    held = deferred
  }
  expect(held).toEqual([])

  const reference = newId()
  for (const envelope of reservationHistory(reference)) await handle([envelope])
  const [{ id: _, ...expected }] = (await rowsOf('reservations', reference)) as [{ id: string }]
  for (const id of ids) expect(await rowsOf('reservations', id)).toEqual([{ id, ...expected }])
})

test('a batch of 100 events of reservations is one read and one write', async () => {
  const ids = Array.from({ length: 50 }, () => newId())
  const before = database.statements
  await handle(ids.flatMap((id) => reservationHistory(id).slice(0, 2)))
  const [begin, read, write, commit] = [1, 1, 1, 1]
  expect(database.statements - before).toBe(begin + read + write + commit)
  expect(await rowsOf('reservations', ids[49]!)).toMatchObject([{ status: 'APPROVED', version: 2 }])
})

test('an aggregate with a gap is deferred as a whole, the others go on', async () => {
  const [id, other] = [newId(), newId()]
  const [first, second, third, fourth] = reservationHistory(id)
  await handle([first!])
  const { deferred } = await handle([fourth!, second!, first!, created(other)])
  expect(deferred.map(({ envelope }) => envelope.sequence)).toEqual([4, 2, 1])
  expect(await rowsOf('reservations', id)).toMatchObject([{ status: 'PENDING', version: 1 }])
  expect(await rowsOf('reservations', other)).toMatchObject([{ version: 1 }])
  expect((await handle([fourth!, second!, third!], true)).deferred).toEqual([])
  expect(await rowsOf('reservations', id)).toMatchObject([{ status: 'CANCELLED', version: 4 }])
})

test('a gap that is still there on the second pass is contention, so it is never given up', async () => {
  const [, second] = reservationHistory()
  const error = await handle([second!], true).catch((thrown: unknown) => thrown)
  expect(databaseTrouble(error)).toBe('contention')
  expect(error).toMatchObject({ messageId: second!.id })
})

const somebodyWaitsForALock = async () => {
  const waiting = `SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`
  while ((await database.query(waiting)).length === 0);
}

test('a second projector waits for the first, and then never sets a row back', async () => {
  const id = newId()
  const [first, second, ...others] = reservationHistory(id)
  await handle([first!])
  let late: Promise<unknown> = Promise.resolve()
  await database.transaction(async (tx) => {
    await work().handle(tx, [second!, ...others].map(deliveryOf), { wait: false })
    late = outsideTransaction(() => handle([second!]))
    await outsideTransaction(somebodyWaitsForALock)
  })
  await late
  expect(await rowsOf('reservations', id)).toMatchObject([{ status: 'CANCELLED', version: 4 }])
})

test('a user and the list of their reservations change together', async () => {
  const ana = person()
  await keepKey(database, ana)
  const [user_id, reservation_id] = [ana.id, newId()]
  const link = envelopeOf('ReservationAddedToUser', user_id, 2, { user_id, reservation_id })
  const links = () =>
    database.query('SELECT reservation_id FROM read.user_reservations WHERE user_id = $1::uuid', [
      user_id,
    ])

  expect((await handle([link])).deferred).toHaveLength(1)
  expect(await links()).toEqual([])

  await handle([link, registered(ana)])
  expect(await rowsOf('users', user_id)).toMatchObject([
    { email: 'Ana@Example.com', email_folded: 'ana@example.com', status: 'REGISTERED', version: 2 },
  ])
  expect(await links()).toEqual([{ reservation_id }])
})

test('a user whose key was thrown away is projected without anything personal', async () => {
  const ana = person()
  await handle([registered(ana), envelopeOf('UserValidated', ana.id, 2, { user_id: ana.id })])
  expect(await rowsOf('users', ana.id)).toMatchObject([
    { status: 'VALIDATED', version: 2, first_name: null, email: null, email_folded: null },
  ])
})

test('a batch of users looks into the vault once', async () => {
  const people = Array.from({ length: 20 }, () => person())
  for (const each of people) await keepKey(database, each)
  const before = database.statements
  await handle(people.map(registered))
  const [begin, read, vault, write, commit] = [1, 1, 1, 1, 1]
  expect(database.statements - before).toBe(begin + read + vault + write + commit)
})

test.each([
  ['of an unknown type', (e: Envelope) => ({ ...e, type: 'aeroalpes.x.Y.v1' }), 'unknown-type'],
  ['with unreadable data', (e: Envelope) => ({ ...e, data: { a: 1 } }), 'unreadable-event'],
  [
    'that is not the first',
    (e: Envelope) => ({ ...reservationHistory(e.subject)[1]!, sequence: 1 }),
    'first-event',
  ],
])(
  'an event %s is poison, blamed on that event, and nothing of its batch stays',
  async (_, spoil, slug) => {
    const [good, bad] = [created(newId()), created(newId())]
    const error = await handle([good, spoil(bad)]).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ fate: 'poison', slug, messageId: spoil(bad).id })
    expect(await rowsOf('reservations', good.subject)).toEqual([])
  },
)
