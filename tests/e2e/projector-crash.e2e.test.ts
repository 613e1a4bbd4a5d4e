import { expect, test } from 'bun:test'
import { reservationBody } from '../support/bodies.ts'
import { accepted } from '../support/client.ts'
import { eventually, type RunningProcess, start, temporaryHome } from '../support/system.ts'
import { onEachBroker } from '../support/on-each-broker.ts'

onEachBroker((broker) => {
  const home = temporaryHome()
  const running: RunningProcess[] = []
  const begin = async (...args: Parameters<typeof start>) => {
    const begun = await start(...args)
    running.push(begun)
    return begun
  }
  broker.after(async () => {
    for (const one of running.toReversed()) await one.stop()
    home.remove()
  })

  test('kill -9 of the projector, three times under load, leaves the views as the write side is', async () => {
    const others = await begin(['run', 'command-api', 'command-worker', 'relay', 'query-api'], {
      home: home.folder,
      env: broker.environment(),
      until: ['commandUrl', 'queryUrl'],
    })
    const projector = () =>
      begin(['run', 'projector'], {
        home: home.folder,
        env: broker.environment(),
        until: ['opsUrl'],
      })
    const life = async () => {
      const id = (await accepted(`${others.commandUrl}/reservations`, reservationBody)).id
      for (const step of ['approve', 'pay', 'cancel'])
        await accepted(`${others.commandUrl}/reservations/${id}/${step}`, {})
    }
    const database = await home.database()
    const projected = async (atLeast: number) => {
      const [{ sum } = { sum: 0 }] = await database.sql<{ sum: number }[]>`
      SELECT coalesce(sum(version), 0)::int AS sum FROM read.reservations`
      return sum >= atLeast
    }
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let n = 0; n < 25; n += 1) await life()
      }),
    )
    for (const kill of [1, 2, 3]) {
      const victim = await projector()
      await eventually(`something is projected before kill ${kill}`, () => projected(kill * 60))
      await victim.kill()
    }
    await load
    await projector()
    await eventually('every event is in the views', () => projected(800))
    const different = await database.sql`
    SELECT w.id FROM write.reservations w FULL JOIN read.reservations r USING (id)
    WHERE w.version IS DISTINCT FROM r.version OR w.status IS DISTINCT FROM r.status`
    expect(different).toHaveLength(0)
    const [{ count } = { count: 0 }] = await database.sql<{ count: number }[]>`
    SELECT count(*)::int AS count FROM delivery.lane`
    expect(count).toBe(0)
    await database.close()
  }, 120_000)
})
