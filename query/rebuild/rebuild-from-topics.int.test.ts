import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { contended } from '../../shared/delivery/failures.ts'
import { newId } from '../../shared/kernel/ids.ts'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { outsideTransaction } from '../../shared/postgres/guard.ts'
import { type BrokerPlace, holdsOnEachBroker, publishTo } from '../../tests/support/hold-topic.ts'
import { seedHolds, writeHolds } from '../../tests/support/hold-writers.ts'
import { meanwhile } from '../../tests/support/meanwhile.ts'
import { projectFrom, readAllTheTime } from '../../tests/support/projecting.ts'
import { rebuildHouse } from '../../tests/support/rebuild-house.ts'
import { envelopeOf } from '../../tests/support/recorded-events.ts'
import { talliedProjection } from '../../tests/support/tally.ts'
import { rebuild } from './rebuild.ts'
import { rebuildFromTopics } from './rebuild-from-topics.ts'

const house = rebuildHouse()
const { inLog, inViews } = house

const holdEvent = (id: string, sequence: number): Envelope =>
  sequence === 1
    ? envelopeOf('StockReserved', id, 1, { order_id: id, items: [] })
    : envelopeOf('StockReleased', id, sequence, {
        order_id: id,
        items: [],
        returned: false,
        reason: null,
      })
const eventsOf = (ids: readonly string[], from: number, to: number) =>
  ids.flatMap((id) => Array.from({ length: to - from + 1 }, (_, at) => holdEvent(id, from + at)))
const newIds = (count: number) => Array.from({ length: count }, () => newId())

/** Moments that are told apart in ms, also by the clock of a broker. */
const moment = async () => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  return new Date()
}

const project = (events: readonly Envelope[]) => projectFrom(house.read, events).drain()

const spoil = (ids: readonly (string | undefined)[]) =>
  house.read.query('UPDATE read.tally SET events = 99 WHERE id = ANY($1::uuid[])', [ids])
const lose = async (...ids: readonly (string | undefined)[]) => {
  for (const table of ['stock_holds', 'tally'])
    await house.read.query(`DELETE FROM read.${table} WHERE id = ANY($1::uuid[])`, [ids])
}
const tally = async () => {
  const rows = await house.read.query<{ id: string; version: number; events: number }>(
    `SELECT h.id::text AS id, h.version, t.events FROM read.stock_holds h
     JOIN read.tally t ON t.id = h.id AND t.version = h.version`,
  )
  return new Map(rows.map(({ id, version, events }) => [id, [version, events]]))
}

const killedRebuild = async (place: BrokerPlace, events: number) => {
  const child = join(import.meta.dir, '../../tests/support/rebuild-from-topics-child.ts')
  const words = [JSON.stringify(place), house.read.url, String(events)]
  const { exited } = Bun.spawn([process.execPath, child, ...words], {
    stdout: 'inherit',
    stderr: 'inherit',
  })
  expect(await exited).toBe(137)
}

holdsOnEachBroker((topic) => {
  test('what the topics have from its first event on is made anew, and every other row goes on from where it is', async () => {
    const { broker } = await topic.fresh()
    const rebuildSince = (since?: Date) =>
      rebuildFromTopics(talliedProjection(), { broker, read: house.read, since, pageSize: 3 })
    const [old, young] = [newIds(4), newIds(3)]
    await publishTo(broker, eventsOf(old, 1, 2))
    const since = await moment()
    await publishTo(broker, [...eventsOf(old, 3, 3), ...eventsOf(young, 1, 3)])
    await project([...eventsOf(old, 1, 3), ...eventsOf(young, 1, 3)])
    const [spoilt, late, lost] = old
    await spoil([spoilt, young[0]])
    await lose(lost, late, young[1])
    await project(eventsOf([late ?? ''], 1, 2))

    const found = await rebuildSince(since)
    expect(found).toEqual({
      events: 13,
      // The lost one of old is not there to be made anew, and not there to be compared.
      corrected: 1,
      behind: 4,
      kept: 3,
      gaps: [{ table: 'stock_holds', id: lost ?? '', version: 0, event: 3 }],
      blocked: [],
    })
    const after = await tally()
    expect(young.map((id) => after.get(id))).toEqual(young.map(() => [3, 3]))
    expect(old.map((id) => after.get(id))).toEqual([[3, 99], [3, 3], undefined, [3, 3]])

    expect(await rebuildSince()).toMatchObject({
      events: 21,
      corrected: 1,
      behind: 2,
      kept: 0,
      gaps: [],
    })
    expect([...(await tally()).values()]).toEqual([...old, ...young].map(() => [3, 3]))
    expect(await rebuildSince(await moment())).toMatchObject({ events: 0 })
    expect((await tally()).size).toBe(7)
  }, 30_000)

  test('rows with an event that no view can take, or that is missing, stay as they are', async () => {
    const { broker } = await topic.fresh()
    const [unreadable, torn, sound] = newIds(3)
    const all = eventsOf([unreadable ?? '', torn ?? '', sound ?? ''], 1, 4)
    await project(all)
    await spoil([unreadable, torn, sound])
    await publishTo(
      broker,
      all.flatMap((event) => {
        if (event.subject === torn && event.sequence === 2) return []
        const bad = event.subject === unreadable && event.sequence === 3
        return [bad ? { ...event, data: {} } : event]
      }),
    )
    const { blocked, gaps, kept, corrected } = await rebuildFromTopics(talliedProjection(), {
      broker,
      read: house.read,
    })
    expect({ blocked: blocked.length, gaps, kept, corrected }).toEqual({
      blocked: 1,
      gaps: [],
      kept: 2,
      corrected: 1,
    })
    const after = await tally()
    expect([unreadable, torn, sound].map((id) => after.get(id ?? ''))).toEqual([
      [4, 99],
      [4, 99],
      [4, 4],
    ])
  }, 30_000)

  test('what happens at any moment of a rebuild is in the tables that it swaps, and keeps no row spoilt', async () => {
    const { broker } = await topic.fresh()
    const ids = newIds(4)
    const [reading, copying, comparing, elsewhere = ''] = ids
    await publishTo(broker, eventsOf(ids, 1, 3))
    await project(eventsOf(ids, 1, 3))
    await spoil(ids)
    const happen = (id = '') =>
      outsideTransaction(async () => {
        await publishTo(broker, [holdEvent(id, 4)])
        await project([holdEvent(id, 4)])
      })
    const read = meanwhile(house.read, {
      'SET LOCAL synchronous_commit': () => happen(reading),
      ANALYZE: () => happen(copying),
      'FULL JOIN': async () => {
        await happen(comparing)
        // As when somebody has edited a message and let it run again.
        await outsideTransaction(() => project([holdEvent(elsewhere, 4)]))
      },
      'IN ACCESS EXCLUSIVE MODE': async () => {
        throw contended('a reader has it')
      },
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

  test('a view rebuilt from its topics under writes, once killed, misses nothing, repeats nothing, and is never seen half', async () => {
    const { broker, place } = await topic.fresh()
    const ids = newIds(300)
    await publishTo(broker, eventsOf(ids, 1, 3))
    await project(eventsOf(ids, 1, 3))
    await house.log.query('CREATE TABLE held (id text PRIMARY KEY, version int NOT NULL)')
    const writers = writeHolds(house.log.url)
    const relay = relayTo(broker, writers.topic)
    const projector = projectFrom(house.read, relay.published)
    const reader = readAllTheTime(house.read)

    await killedRebuild(place, 500)
    await house.read.query('UPDATE read.stock_holds SET status = $1 WHERE id = ANY($2::uuid[])', [
      'COMMITTED',
      ids.slice(0, 50),
    ])
    const again = () =>
      rebuildFromTopics(talliedProjection(), { broker, read: house.read, pageSize: 200 })
    const { corrected, gaps, blocked } = await again()
    await again()

    await writers.stop()
    await relay.drain()
    await projector.drain()
    const { wrong, reads } = await reader.stop()
    expect({ corrected, gaps, blocked }).toEqual({ corrected: 50, gaps: [], blocked: [] })
    expect(wrong).toEqual([])
    expect(reads).toBeGreaterThan(0)
    const logged = await inLog()
    expect(await inViews()).toEqual(
      [...logged, ...ids.map((id) => ({ id, version: 3 }))].sort((a, b) => (a.id < b.id ? -1 : 1)),
    )
  }, 120_000)
})

/** Publishes what the writers have committed, in that order, before the projector gets to see it. */
const relayTo = (broker: Parameters<typeof publishTo>[0], committed: readonly Envelope[]) => {
  const published: Envelope[] = []
  const stopping = new AbortController()
  const run = async () => {
    while (!stopping.signal.aborted || published.length < committed.length) {
      const next = committed.slice(published.length, published.length + 100)
      if (next.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
      await publishTo(broker, next)
      published.push(...next)
    }
  }
  const running = run()
  return {
    published,
    async drain() {
      stopping.abort()
      await running
    },
  }
}
