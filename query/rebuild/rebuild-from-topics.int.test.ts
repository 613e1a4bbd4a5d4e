import { expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Envelope } from '../../shared/messaging/envelope.ts'
import { holdEventsOf, newIds, talliedHolds } from '../../tests/support/hold-events.ts'
import { type BrokerPlace, holdsOnEachBroker, publishTo } from '../../tests/support/hold-topic.ts'
import { writeHolds } from '../../tests/support/hold-writers.ts'
import { projectFrom, readAllTheTime } from '../../tests/support/projecting.ts'
import { rebuildHouse } from '../../tests/support/rebuild-house.ts'
import { talliedProjection } from '../../tests/support/tally.ts'
import { rebuildFromTopics } from './rebuild-from-topics.ts'

const house = rebuildHouse()
const { inLog, inViews } = house

/** Moments that are told apart in ms, also by the clock of a broker. */
const moment = async () => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  return new Date()
}

const { project, spoil, lose, tally } = talliedHolds(house)

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
    await publishTo(broker, holdEventsOf(old, 1, 2))
    const since = await moment()
    await publishTo(broker, [...holdEventsOf(old, 3, 3), ...holdEventsOf(young, 1, 3)])
    await project([...holdEventsOf(old, 1, 3), ...holdEventsOf(young, 1, 3)])
    const [spoilt, late, lost] = old
    await spoil([spoilt, young[0]])
    await lose([lost, late, young[1]])
    await project(holdEventsOf([late ?? ''], 1, 2))

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
    const all = holdEventsOf([unreadable ?? '', torn ?? '', sound ?? ''], 1, 4)
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

  test('a view rebuilt from its topics under writes, once killed, misses nothing, repeats nothing, and is never seen half', async () => {
    const { broker, place } = await topic.fresh()
    const ids = newIds(300)
    await publishTo(broker, holdEventsOf(ids, 1, 3))
    await project(holdEventsOf(ids, 1, 3))
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
