import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { ReceivedMessage } from '../shared/messaging/port.ts'
import { toMessage, type Envelope } from '../shared/messaging/envelope.ts'
import { type Database, openDatabase } from '../shared/postgres/database.ts'
import { type TestDatabase, testDatabase } from '../tests/support/postgres.ts'
import { tallied, tally } from '../tests/support/tally-saga.ts'
import { failureOf, somebodyWaits } from '../tests/support/uow-harness.ts'
import { sagaWork } from './saga-work.ts'

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
  await database.query('TRUNCATE uow.timer, uow.saga, uow.event, delivery.outbox')
})

const work = sagaWork({ saga: tally, clock: () => new Date(), committed: () => {} })
const delivery = (envelope: Envelope) => ({
  id: envelope.id,
  key: envelope.subject,
  envelope,
  message: toMessage(envelope) as ReceivedMessage,
  attempts: 1,
})
/** One transaction for these events; answers the ids of what is left for later. */
const handle = async (events: readonly Envelope[], wait = false) => {
  const { deferred } = await database.transaction((transaction) =>
    work.handle(transaction, events.map(delivery), { wait }),
  )
  return deferred.map(({ id }) => id)
}
const commands = async () => {
  const rows = await database.query<{
    key: string
    topic: string
    payload: Uint8Array
    properties: object
  }>('SELECT key, topic, payload, properties FROM delivery.outbox ORDER BY id')
  return rows.map(({ payload, ...row }) => ({
    ...row,
    total: (JSON.parse(Buffer.from(payload).toString()) as { total: number }).total,
  }))
}
const sagas = () =>
  database.query<{ id: string; version: number; step: string; ended: boolean }>(
    'SELECT id, version, step, ended_at IS NOT NULL AS ended FROM uow.saga ORDER BY id',
  )
const timers = () =>
  database.query<{ key: string; state: string }>('SELECT key, state FROM uow.timer')

const began = (subject: string) => tallied(`began ${subject}`, subject, 'Began')
const added = (subject: string, amount: number) =>
  tallied(`added ${amount} ${subject}`, subject, 'Added', { amount })

/** While somebody else holds the saga of this id. */
const whileHeld = async (id: string, then: () => Promise<unknown>) => {
  const held = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const foreign = database.transaction(async (transaction) => {
    await transaction.query('SELECT FROM uow.saga WHERE id = $1 FOR UPDATE', [id])
    held.resolve()
    await done.promise
  })
  await held.promise
  try {
    await then()
  } finally {
    done.resolve()
    await foreign
  }
}

describe('a saga', () => {
  test('keeps its state, sends its commands and sets its timers in one transaction', async () => {
    await handle([began('a')])
    expect(await sagas()).toEqual([{ id: 'a', version: 1, step: 'note 1', ended: false }])
    expect(await timers()).toEqual([{ key: 'a', state: 'set' }])
    expect(await commands()).toMatchObject([
      {
        key: 'a',
        topic: 'persistent://aeroalpes/commands/tally',
        properties: {
          ce_type: 'aeroalpes.tally.Note.v1',
          ce_correlationid: 'correlation of a',
          ce_causationid: 'began a',
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        },
      },
    ])
  })

  test('meets the events of a batch one after the other, each on the state that the last has left', async () => {
    await handle([began('a'), began('b'), added('a', 2), added('b', 5), added('a', 3)])
    const all = await commands()
    expect(all.filter(({ key }) => key === 'a').map(({ total }) => total)).toEqual([0, 2, 5])
    expect(all.filter(({ key }) => key === 'b').map(({ total }) => total)).toEqual([0, 5])
    expect((await sagas()).map(({ version }) => version)).toEqual([1, 1])
    await handle([added('a', 1)])
    expect((await commands()).at(-1)?.total).toBe(6)
    expect((await sagas())[0]?.version).toBe(2)
  })

  test('gives a command the same id whenever the same attempt is decided again', async () => {
    const ids = async () =>
      (await commands()).map(({ properties }) => (properties as { ce_id: string }).ce_id)
    await handle([began('a'), added('a', 1)])
    const first = await ids()
    await database.query('TRUNCATE uow.timer, uow.saga, delivery.outbox')
    await handle([tallied('as another event', 'a', 'Began'), added('a', 1)])
    expect(await ids()).toEqual(first)
    expect(new Set(first).size).toBe(2)
  })

  test('leaves nothing behind of a transaction that came to nothing', async () => {
    const { error, blamed } = await failureOf(() =>
      handle([began('a'), tallied('bomb', 'a', 'Exploded')]),
    )
    expect(error).toMatchObject({ message: 'boom' })
    expect(blamed).toBe('bomb')
    expect([await sagas(), await timers(), await commands()]).toEqual([[], [], []])
  })

  test('hears its own timers, and no other saga’s', async () => {
    await handle([began('a')])
    const fired = (id: string, saga: string) =>
      tallied(id, 'a', 'TimerFired', {
        timer_id: '0197a000-0000-7000-8000-000000000001',
        saga,
        saga_id: 'a',
        name: 'patience',
      })
    await handle([fired('foreign', 'other'), fired('own', 'tally')])
    expect((await commands()).map(({ total }) => total)).toEqual([0, -1])
  })

  test('passes over what it does not listen to, and nothing of a newer build', () => {
    const types = ['tally.Added.v1', 'tally.Added.v9', 'timers.TimerFired.v1', 'tally.Ignored.v1']
    const concerns = types.map((type) => work.concerns?.(`aeroalpes.${type}`))
    expect(concerns).toEqual([true, true, true, false])
  })

  test('that has ended is kept, and its timers are gone', async () => {
    await handle([began('a')])
    await handle([tallied('stop', 'a', 'Stopped')])
    expect(await sagas()).toMatchObject([{ id: 'a', ended: true }])
    expect(await timers()).toEqual([])
  })

  test.each([false, true])(
    'does not begin for what has ended already, whoever ended it (waiting: %p)',
    async (wait) => {
      await database.query(
        `INSERT INTO uow.event (stream_module, stream_id, version, id, type, data, time,
           correlation_id, causation_id, command_id)
         SELECT 'tally', id, 1, gen_random_uuid(), type, '{}', now(), 'c', 'c', 'c' FROM (VALUES
           ('a', 'aeroalpes.tally.Stopped.v1'), ('b', 'aeroalpes.tally.Began.v1')) AS t(id, type)`,
      )
      expect(await handle([began('a'), added('a', 1), began('b'), began('c')], wait)).toEqual([])
      expect((await sagas()).map(({ id }) => id)).toEqual(['b', 'c'])
      expect((await commands()).map(({ key }) => key)).toEqual(['b', 'c'])
    },
  )

  test('that has begun hears of its end, and of what comes after it', async () => {
    await handle([began('a')])
    await database.query(
      `INSERT INTO uow.event (stream_module, stream_id, version, id, type, data, time,
         correlation_id, causation_id, command_id)
       VALUES ('tally', 'a', 1, gen_random_uuid(), 'aeroalpes.tally.Stopped.v1', '{}', now(), 'c', 'c', 'c')`,
    )
    await handle([tallied('stop', 'a', 'Stopped'), added('a', 1)])
    expect(await sagas()).toMatchObject([{ id: 'a', ended: true }])
    expect((await commands()).map(({ total }) => total)).toEqual([0, 1])
  })

  test('that begins and ends in one batch leaves no timer set', async () => {
    await handle([began('a'), tallied('stop', 'a', 'Stopped')])
    expect((await timers()).filter(({ state }) => state === 'set')).toEqual([])
  })
})

describe('a saga that somebody else holds', () => {
  test('waits with all that is for it, heard or not, while others go on', async () => {
    await handle([began('a'), began('b')])
    await whileHeld('a', async () => {
      const events = [added('a', 1), added('b', 2), tallied('unheard', 'a', 'Unheard')]
      expect(await handle(events)).toEqual(['added 1 a', 'unheard'])
    })
    expect((await commands()).map(({ key, total }) => `${key} ${total}`)).toEqual([
      'a 0',
      'b 0',
      'b 2',
    ])
  })

  test('is waited for in the second pass', async () => {
    await handle([began('a')])
    let waiting: Promise<unknown> = Promise.resolve()
    await whileHeld('a', async () => {
      waiting = handle([added('a', 1)], true)
      await somebodyWaits(database)
    })
    await waiting
    expect((await commands()).map(({ total }) => total)).toEqual([0, 1])
  })

  test('and that begins twice at once begins once', async () => {
    const held = Promise.withResolvers<void>()
    const done = Promise.withResolvers<void>()
    const first = database.transaction(async (transaction) => {
      await work.handle(transaction, [delivery(began('a'))], { wait: false })
      held.resolve()
      await done.promise
    })
    await held.promise
    const second = failureOf(() => handle([tallied('again', 'a', 'Began')]))
    await somebodyWaits(database)
    done.resolve()
    await first
    expect((await second).error).toMatchObject({ code: '55P03' })
    expect((await commands()).length).toBe(1)
  })
})

describe('what a saga cannot read', () => {
  test('is parked when it is of a newer build', async () => {
    const newer = { ...tallied('newer', 'a', 'Added'), type: 'aeroalpes.tally.Added.v2' }
    expect(await failureOf(() => handle([began('a'), newer]))).toMatchObject({
      slug: 'unknown-version',
      blamed: 'newer',
    })
  })
  test('is parked when its data are not what they should be', async () => {
    expect(
      await failureOf(() => handle([tallied('odd', 'a', 'Added', { amount: 'x' })])),
    ).toMatchObject({ slug: 'unreadable-event', blamed: 'odd' })
  })
  test('is passed over when it listens to nothing of the kind', async () => {
    expect(await handle([tallied('unheard', 'a', 'Unheard'), added('never begun', 1)])).toEqual([])
    expect(await sagas()).toEqual([])
  })
})
