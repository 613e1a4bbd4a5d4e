import { expect, test } from 'bun:test'
import { contended } from '../../shared/delivery/failures.ts'
import { outsideTransaction } from '../../shared/postgres/guard.ts'
import { holdEvent, holdEventsOf, newIds, talliedHolds } from '../../tests/support/hold-events.ts'
import { holdsOnEachBroker, publishTo } from '../../tests/support/hold-topic.ts'
import { seedHolds } from '../../tests/support/hold-writers.ts'
import { meanwhile } from '../../tests/support/meanwhile.ts'
import { rebuildHouse } from '../../tests/support/rebuild-house.ts'
import { envelopeOf } from '../../tests/support/recorded-events.ts'
import { talliedProjection } from '../../tests/support/tally.ts'
import { until } from '../../tests/support/until.ts'
import { rebuild } from './rebuild.ts'
import { rebuildFromTopics } from './rebuild-from-topics.ts'

const house = rebuildHouse()
const { inLog } = house
const { project, spoil, tally } = talliedHolds(house)

const progress = `SELECT run::text, EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
  WHERE NOT l.granted AND a.datname = current_database()) AS waiting FROM read_next.progress`

holdsOnEachBroker((topic) => {
  test('what happens at any moment of a rebuild is in the tables that it swaps, and keeps no row spoilt', async () => {
    const { broker } = await topic.fresh()
    const ids = newIds(4)
    const [copying, comparing, swapping, elsewhere = ''] = ids
    await publishTo(broker, holdEventsOf(ids, 1, 3))
    await project(holdEventsOf(ids, 1, 3))
    await spoil(ids)
    const happen = (id = '') =>
      outsideTransaction(async () => {
        await publishTo(broker, [holdEvent(id, 4)])
        await project([holdEvent(id, 4)])
      })
    const read = meanwhile(house.read, {
      'IN EXCLUSIVE MODE': [
        () => happen(copying),
        () => happen(comparing),
        async () => {
          await happen(swapping)
          // As when somebody has edited a message and let it run again.
          await outsideTransaction(() => project([holdEvent(elsewhere, 4)]))
        },
      ],
      'IN ACCESS EXCLUSIVE MODE': [
        async () => {
          throw contended('a reader has it')
        },
      ],
    })
    await rebuildFromTopics(talliedProjection(), { broker, read })
    const after = await tally()
    expect(ids.map((id) => after.get(id))).toEqual([
      [4, 4],
      [4, 4],
      [4, 4],
      [4, 100],
    ])
  }, 30_000)

  test('what comes while it has to give way, again and again, is not lost', async () => {
    const { broker } = await topic.fresh()
    const [id = ''] = newIds(1)
    const happen = (version: number) => () =>
      outsideTransaction(() => publishTo(broker, [holdEvent(id, version)]))
    await happen(1)()
    await project(holdEventsOf([id], 1, 1))
    await spoil([id])
    const giveWay = async () => {
      throw contended('somebody else has begun a run, and gave it up')
    }
    const goOn = async () => {}
    const read = meanwhile(house.read, {
      'IN EXCLUSIVE MODE': [2, 3, 4].map(happen),
      'INSERT INTO "read_next"."stock_holds" ("id"': [goOn, giveWay, goOn, giveWay],
    })
    await rebuildFromTopics(talliedProjection(), { broker, read, pageSize: 1 })
    expect((await tally()).get(id)).toEqual([4, 4])
  }, 30_000)

  test('a run that is taken over while it copies live rows puts none into the tables of the other', async () => {
    const { broker } = await topic.fresh()
    const ids = newIds(3)
    await publishTo(broker, holdEventsOf(ids, 1, 2))
    await project(holdEventsOf(ids, 1, 2))
    await spoil(ids)
    let other: Promise<unknown> | undefined
    const read = meanwhile(house.read, {
      'DELETE FROM': [
        () =>
          outsideTransaction(async () => {
            const [first] = await house.read.query<{ run: string }>(progress)
            other = rebuildFromTopics(talliedProjection(), { broker, read: house.read })
            await until(async () => {
              const [now] = await house.read.query<{ run: string; waiting: boolean }>(progress)
              return now?.waiting || now?.run !== first?.run
            })
          }),
      ],
      // By then the tables that it indexes are the other's, or gone.
      pg_indexes: [() => outsideTransaction(async () => void (await other))],
    })
    const first = rebuildFromTopics(talliedProjection(), { broker, read })
    await expect(first).rejects.toThrow('another run has taken over')
    await other
    expect([...(await tally()).values()]).toEqual(ids.map(() => [2, 2]))
  }, 30_000)

  test('a run that failed is gone on with by none, from the log or from the topics', async () => {
    const { broker } = await topic.fresh()
    const projection = talliedProjection()
    await seedHolds(house.log.url, 10, 2)
    const ids = (await inLog()).map(({ id }) => id)
    // What the topics have is told from what the log has.
    const committed = { items: [] }
    await publishTo(
      broker,
      ids.flatMap((id) => [
        holdEvent(id, 1),
        envelopeOf('StockCommitted', id, 2, { ...committed, order_id: id }),
      ]),
    )
    const statuses = async () => {
      const rows = await house.read.query<{ status: string }>(
        'SELECT DISTINCT status FROM read.stock_holds',
      )
      return rows.map(({ status }) => status)
    }
    const killed = {
      read: house.read,
      pageSize: 5,
      onPage: () => Promise.reject(new Error('killed')),
    }
    await expect(rebuildFromTopics(projection, { ...killed, broker })).rejects.toThrow('killed')
    await rebuild(projection, { log: house.log, read: house.read })
    expect(await statuses()).toEqual(['RELEASED'])

    await expect(rebuild(projection, { ...killed, log: house.log })).rejects.toThrow('killed')
    const { events } = await rebuildFromTopics(projection, { broker, read: house.read })
    expect(events).toBe(20)
    expect(await statuses()).toEqual(['COMMITTED'])
  }, 30_000)
})
