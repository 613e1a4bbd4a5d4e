import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { derivedId } from '../shared/kernel/ids.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { readSettings } from '../shared/runtime/settings.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import { setTimers } from '../uow/timers.ts'
import type { Ask } from './confirm.ts'
import { endSaga, printSaga, printSagas } from './sagas.ts'
import { cancel, fire, move, printTimers } from './timers.ts'

let home: TestDatabase
let database: Database
let printed: string[]
beforeAll(async () => {
  home = await testDatabase(['delivery', 'uow'])
  database = openDatabase(home.url, { name: 'test', max: 4 })
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
}, 60_000)

const order = '0197a000-0000-7000-8000-000000000001'
const timer = derivedId('timer', order)
const operation = (ask?: Ask) => {
  const { settings } = readSettings({ DATABASE_URL: home.url })
  return { settings, home: '/nowhere', print: (text: string) => printed.push(text), ask }
}
const yes = { yes: true }
const list = async (state?: 'set' | 'fired' | 'cancelled', key?: string) => {
  printed = []
  await printTimers(operation(), { state, key, limit: 10 }, 'json')
  return JSON.parse(printed.join('')) as { id: string; state: string; due_at: string }[]
}
const exitOf = async (work: Promise<unknown>) => {
  const error = (await work.catch((thrown: unknown) => thrown)) as {
    code?: number
    message: string
  }
  return { code: error.code, message: error.message }
}
const outbox = () => database.query<{ key: string }>('SELECT key FROM delivery.outbox')

beforeEach(async () => {
  printed = []
  await database.query('TRUNCATE uow.timer, uow.saga, delivery.outbox')
  await database.transaction((transaction) =>
    setTimers(transaction, [
      {
        id: timer,
        name: 'charge 1',
        afterMs: 60_000,
        topic: 'persistent://aeroalpes/events/timers',
        message: {
          type: 'aeroalpes.timers.TimerFired.v1',
          subject: order,
          data: {},
          correlationId: 'c',
        },
      },
    ]),
  )
  await database.query(
    `INSERT INTO uow.saga VALUES
       ('order-fulfilment', $1, 2, 'charge', NULL, '{"reason": null}', now(), now()),
       ('order-fulfilment', 'ended', 2, 'shipped', now(), '{}', now(), now())`,
    [order],
  )
})

test('timers are listed by state and by order', async () => {
  expect(await list('set', order)).toMatchObject([
    { id: timer, name: 'charge 1', key: order } as never,
  ])
  expect(await list('set', 'another')).toEqual([])
  expect(await list('fired')).toEqual([])
})

test('a timer is moved, by a time or from now on', async () => {
  await move(operation(), timer, '2030-01-01T00:00:00Z', yes)
  expect((await list())[0]?.due_at).toBe('2030-01-01T00:00:00.000Z')
  await move(operation(), timer, '10m', yes)
  expect(Date.parse((await list())[0]!.due_at)).toBeLessThan(Date.parse('2030-01-01T00:00:00Z'))
})

test('a time that is none is a wrong use', async () => {
  for (const time of ['soon', '2030-13-01T00:00:00Z', '-5m']) {
    const moving = (async () => move(operation(), timer, time, yes))()
    expect((await exitOf(moving)).code).toBe(2)
  }
})

test('a cancelled timer cannot be changed any more', async () => {
  await cancel(operation(), timer, yes)
  expect(await list()).toMatchObject([{ state: 'cancelled' }])
  const changes = [
    () => fire(operation(), timer, yes),
    () => cancel(operation(), timer, yes),
    () => move(operation(), timer, '1h', yes),
  ]
  for (const change of changes) expect((await exitOf(change())).code).toBe(4)
  expect(await outbox()).toEqual([])
})

test('a timer is fired before its time, and its message waits for the relay', async () => {
  await fire(operation(), timer, yes)
  expect(await list()).toMatchObject([{ state: 'fired' }])
  expect(await outbox()).toEqual([{ key: order }])
})

test('a timer that is not there is not found', async () => {
  expect(await exitOf(fire(operation(), 'nonsense', yes))).toEqual({
    code: 3,
    message: 'there is no timer nonsense',
  })
  expect((await exitOf(fire(operation(), derivedId('other'), yes))).code).toBe(3)
})

test('nothing is changed on trial, by a no, or where nobody can be asked', async () => {
  await fire(operation(), timer, { dryRun: true })
  expect(printed.at(-1)).toStartWith('would fire it now: timer charge 1 of')
  expect(
    (
      await exitOf(
        fire(
          operation(async () => false),
          timer,
          {},
        ),
      )
    ).code,
  ).toBe(1)
  expect((await exitOf(fire(operation(), timer, {}))).code).toBe(2)
  expect(await list()).toMatchObject([{ state: 'set' }])
})

test('a timer that fires while somebody is asked is refused', async () => {
  const asking = async () => {
    await database.query(`UPDATE uow.timer SET state = 'fired', ended_at = now()`)
    return true
  }
  expect((await exitOf(cancel(operation(asking), timer, {}))).code).toBe(4)
})

test('sagas are listed while they are on their way, or all', async () => {
  const ids = async (ended: boolean) => {
    printed = []
    await printSagas(operation(), { ended, limit: 10 }, 'json')
    return (JSON.parse(printed.join('')) as { id: string }[]).map(({ id }) => id).toSorted()
  }
  expect(await ids(false)).toEqual([order])
  expect(await ids(true)).toEqual([order, 'ended'])
})

test('one saga is shown with its state and its timers', async () => {
  await printSaga(operation(), order.toUpperCase(), 'json')
  expect(JSON.parse(printed.join(''))).toMatchObject([
    { step: 'charge', state: { reason: null }, timers: [{ timer, state: 'set' }] },
  ])
  printed = []
  await printSaga(operation(), order, 'table')
  expect(printed.join('\n')).toContain('charge 1')
  expect((await exitOf(printSaga(operation(), 'none', 'table'))).code).toBe(3)
})

test('a saga is ended where it is, with the reason, and only once', async () => {
  const reason = 'its answer was discarded'
  await endSaga(operation(), order.toUpperCase(), { reason, dryRun: true })
  expect(printed.at(-1)).toBe(
    `would end it where it is, and undo no more by itself: the saga of ${order.toUpperCase()}, which waits for charge`,
  )
  expect((await exitOf(endSaga(operation(), order, { reason }))).code).toBe(2)
  await endSaga(operation(), order, { reason, yes: true })
  await printSaga(operation(), order, 'json')
  expect(JSON.parse(printed.at(-1)!)).toMatchObject([
    { step: 'ended-by-hand', ended_at: expect.any(String), state: { ended_by_hand: reason } },
  ])
  expect((await exitOf(endSaga(operation(), order, { reason, yes: true }))).code).toBe(4)
  expect((await exitOf(endSaga(operation(), 'none', { reason, yes: true }))).code).toBe(3)
})

test('a database that is not up to date is named', async () => {
  await database.query('ALTER TABLE uow.timer RENAME TO elsewhere')
  const listed = await exitOf(printTimers(operation(), { limit: 1 }, 'json'))
  await database.query('ALTER TABLE uow.elsewhere RENAME TO timer')
  expect(listed).toMatchObject({ code: 4 })
  expect(listed.message).toContain('./aero migrate')
})
