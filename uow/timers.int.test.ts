import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { derivedId } from '../shared/kernel/ids.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import {
  cancelTimer,
  fireDueTimers,
  fireTimer,
  moveTimer,
  type NewTimer,
  purgeTimers,
  setTimers,
  withdrawTimers,
} from './timers.ts'

let home: TestDatabase
let database: Database
beforeAll(async () => {
  home = await testDatabase(['delivery', 'uow'])
  database = openDatabase(home.url, { name: 'test', max: 20 })
}, 60_000)
afterAll(async () => {
  await database.close()
  await home.drop()
}, 60_000)
beforeEach(async () => {
  await database.query('TRUNCATE uow.timer, delivery.outbox')
})

const idOf = (name: string) => derivedId('test', name)
const timer = (name: string, afterMs: number, key = name): NewTimer => ({
  id: idOf(name),
  name,
  afterMs,
  topic: 'persistent://aeroalpes/events/timers',
  message: {
    type: 'aeroalpes.test.Due.v1',
    subject: key,
    data: { name },
    correlationId: `correlation of ${name}`,
    causationId: `cause of ${name}`,
  },
})
const set = (...timers: readonly NewTimer[]) =>
  database.transaction((transaction) => setTimers(transaction, timers))
const fire = () => database.transaction((transaction) => fireDueTimers(transaction))
const fireAll = async () => {
  while ((await fire()) > 0);
}
const sent = async () => {
  const rows = await database.query<{
    key: string
    payload: Uint8Array
    properties: Readonly<Record<string, string>>
  }>('SELECT key, payload, properties FROM delivery.outbox ORDER BY id')
  return rows.map(({ key, payload, properties }) => ({
    key,
    properties,
    name: (JSON.parse(Buffer.from(payload).toString()) as { name: string }).name,
  }))
}
const names = async () => (await sent()).map(({ name }) => name)
const states = async () =>
  Object.fromEntries(
    (
      await database.query<{ name: string; state: string }>('SELECT name, state FROM uow.timer')
    ).map(({ name, state }) => [name, state]),
  )

test('a timer fires once when it is due, under an id of its own, in the correlation of its cause', async () => {
  await set(timer('due', -1), timer('later', 60_000))
  await fireAll()
  const [message, ...others] = await sent()
  expect(others).toEqual([])
  expect(message).toMatchObject({ key: 'due', name: 'due' })
  expect(message?.properties).toMatchObject({
    ce_type: 'aeroalpes.test.Due.v1',
    ce_correlationid: 'correlation of due',
    ce_causationid: 'cause of due',
  })
  expect(await states()).toEqual({ due: 'fired', later: 'set' })
})

test('a timer of a transaction that came to nothing is not set', async () => {
  const failing = database.transaction(async (transaction) => {
    await setTimers(transaction, [timer('due', -1)])
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  await fireAll()
  expect(await states()).toEqual({})
  expect(await names()).toEqual([])
})

test('firing that came to nothing is done again', async () => {
  await set(timer('due', -1))
  const failing = database.transaction(async (transaction) => {
    await fireDueTimers(transaction)
    throw new Error('killed before the COMMIT')
  })
  await expect(failing).rejects.toThrow('killed')
  await fireAll()
  expect(await names()).toEqual(['due'])
})

test('who fires the timers of one saga leaves those of others, and does not wait for them', async () => {
  const ofSaga = (saga: string, afterMs: number): NewTimer => {
    const { message, ...rest } = timer(saga, afterMs, 'order')
    return { ...rest, message: { ...message, data: { saga, name: saga } } }
  }
  await set(ofSaga('away', -2), ofSaga('here', -1))
  const fired = await database.transaction((transaction) =>
    fireDueTimers(transaction, { saga: 'here' }),
  )
  expect(fired).toBe(1)
  expect(await states()).toEqual({ away: 'set', here: 'fired' })
})

test('many pollers fire each timer once, those of one key in the order in which they are due', async () => {
  const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`)
  const all = keys.flatMap((key) =>
    Array.from({ length: 10 }, (_, index) => timer(`${key} ${index}`, index - 1000, key)),
  )
  await set(...all.toReversed())
  await Promise.all(Array.from({ length: 8 }, fireAll))
  await fireAll()
  const fired = await sent()
  expect(fired.length).toBe(all.length)
  for (const key of keys) {
    const ofKey = fired.filter((message) => message.key === key).map(({ name }) => name)
    expect(ofKey).toEqual(Array.from({ length: 10 }, (_, index) => `${key} ${index}`))
  }
})

test('while somebody holds the first timer of a key, those after it wait, and other keys fire', async () => {
  await set(timer('first', -2, 'held'), timer('second', -1, 'held'), timer('other', -1))
  const held = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const foreign = database.transaction(async (transaction) => {
    await transaction.query('SELECT FROM uow.timer WHERE id = $1::uuid FOR UPDATE', [idOf('first')])
    held.resolve()
    await done.promise
  })
  await held.promise
  try {
    await fireAll()
    expect(await states()).toEqual({ first: 'set', second: 'set', other: 'fired' })
  } finally {
    done.resolve()
    await foreign
  }
  await fireAll()
  expect(await names()).toEqual(['other', 'first', 'second'])
})

test('a cancelled timer never fires, and one that has fired cannot be cancelled', async () => {
  await set(timer('cancelled', -1), timer('fired', -1), timer('other', 60_000))
  expect(await cancelTimer(database, idOf('cancelled'))).toBe(true)
  await fireAll()
  expect(await names()).toEqual(['fired'])
  for (const name of ['cancelled', 'fired'])
    expect(await cancelTimer(database, idOf(name))).toBe(false)
  expect(await states()).toEqual({ cancelled: 'cancelled', fired: 'fired', other: 'set' })
})

test('a timer that is withdrawn is gone, and one that has fired stays', async () => {
  await set(timer('withdrawn', -1), timer('fired', -2), timer('other', 60_000))
  await database.transaction((transaction) => fireTimer(transaction, idOf('fired')))
  const ids = ['withdrawn', 'fired', 'absent'].map(idOf)
  expect(await withdrawTimers(database, ids)).toEqual([idOf('withdrawn')])
  await fireAll()
  expect(await names()).toEqual(['fired'])
  expect(await states()).toEqual({ fired: 'fired', other: 'set' })
})

test('a timer can be moved to another time while it is set', async () => {
  await set(timer('moved', 60_000))
  await fireAll()
  expect(await moveTimer(database, idOf('moved'), new Date(0))).toBe(true)
  await fireAll()
  expect(await names()).toEqual(['moved'])
  expect(await moveTimer(database, idOf('moved'), new Date(0))).toBe(false)
})

test('a timer that is set again fires again, as another message', async () => {
  await set(timer('again', -1))
  await fireAll()
  await set(timer('again', -1))
  await fireAll()
  const ids = (await sent()).map(({ properties }) => properties['ce_id'])
  expect(new Set(ids).size).toBe(2)
})

test('a timer that has fired, was set and withdrawn, fires as another message when it is set again', async () => {
  for (const _ of [1, 2]) {
    await set(timer('again', -1))
    await fireAll()
    await set(timer('again', 60_000))
    await withdrawTimers(database, [idOf('again')])
  }
  const ids = (await sent()).map(({ properties }) => properties['ce_id'])
  expect(new Set(ids).size).toBe(2)
})

test('a timer that is set twice fires once, at the later word', async () => {
  await set(timer('twice', -1))
  await set(timer('twice', 60_000))
  await fireAll()
  expect(await names()).toEqual([])
})

test('one can be fired before its time, once', async () => {
  await set(timer('early', 60_000))
  const now = () => database.transaction((transaction) => fireTimer(transaction, idOf('early')))
  expect(await now()).toBe(true)
  expect(await now()).toBe(false)
  expect(await names()).toEqual(['early'])
})

test('what ended long ago is deleted, and nothing that is still set', async () => {
  await set(timer('old', -1), timer('set', -1))
  await database.transaction((transaction) => fireTimer(transaction, idOf('old')))
  expect(await purgeTimers(database)).toBe(false)
  expect(await states()).toEqual({ old: 'fired', set: 'set' })
  await database.query(`UPDATE uow.timer SET ended_at = now() - interval '31 days'
    WHERE state = 'fired'`)
  await database.query(`UPDATE uow.timer SET due_at = now() - interval '99 days'`)
  expect(await purgeTimers(database, 30, 1)).toBe(true)
  expect(await states()).toEqual({ set: 'set' })
})
