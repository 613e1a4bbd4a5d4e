import { describe, expect, test } from 'bun:test'
import { reservationBody } from '../support/bodies.ts'
import { type Accepted, accepted } from '../support/client.ts'
import { eventually, type RunningProcess, start, temporaryHome } from '../support/system.ts'
import { onEachBroker } from '../support/on-each-broker.ts'

onEachBroker((broker) => {
  const home = temporaryHome()
  let system: RunningProcess
  const up = () =>
    start(['up'], {
      home: home.folder,
      env: broker.environment(),
      until: ['commandUrl', 'queryUrl'],
    })

  broker.after(async () => {
    await system.stop()
    home.remove()
  })

  interface Attempt {
    readonly key: string | undefined
    readonly answer: Accepted | undefined
  }

  describe('kill -9 of the whole system in the middle of 1,000 requests', () => {
    test('loses nothing that was accepted and doubles nothing that was retried', async () => {
      system = await up()
      const half: Attempt[] = []
      const killed = Promise.withResolvers<void>()
      const sending = manyRequests(1000, 32, async (number) => {
        const key = number % 2 === 0 ? crypto.randomUUID() : undefined
        const answer = await post(system, key).catch(() => undefined)
        half.push({ key, answer })
        if (half.filter((attempt) => attempt.answer).length === 300) killed.resolve()
      })
      await killed.promise
      await system.kill()
      await sending
      expect(half.some(({ answer }) => !answer)).toBe(true)

      system = await up()
      const retried = await Promise.all(
        half
          .filter(({ key }) => key)
          .map(async ({ key, answer }) => ({ before: answer, after: await post(system, key) })),
      )
      for (const { before, after } of retried) if (before) expect(after.id).toBe(before.id)

      const promised = new Set([
        ...half.flatMap(({ answer }) => answer?.id ?? []),
        ...retried.map(({ after }) => after.id),
      ])
      const database = await home.database()
      const found = await eventually('everything accepted is readable', async () => {
        const rows = await database.sql<{ id: string; version: number }[]>`
        SELECT id::text, version FROM read.reservations`
        const ids = new Set(rows.map(({ id }) => id))
        return [...promised].every((id) => ids.has(id)) && rows
      })
      expect(found.every(({ version }) => version === 1)).toBe(true)
      // What was sent without a key and got no answer may have been stored or not; nothing else is there.
      const unanswered = half.filter(({ key, answer }) => !key && !answer).length
      expect(found.length).toBeLessThanOrEqual(promised.size + unanswered)
      const [doubled] = await database.sql<{ count: number }[]>`
      SELECT count(*)::int AS count FROM (
        SELECT FROM uow.event GROUP BY command_id, stream_module, stream_id HAVING count(*) > 1) twice`
      expect(doubled?.count).toBe(0)
      await database.close()
    }, 120_000)
  })

  const post = (to: RunningProcess, key: string | undefined): Promise<Accepted> =>
    accepted(
      `${to.commandUrl}/reservations`,
      reservationBody,
      key ? { 'idempotency-key': `"${key}"` } : {},
    )

  const manyRequests = async (
    count: number,
    callers: number,
    once: (number: number) => Promise<void>,
  ) => {
    let next = 0
    const caller = async () => {
      while (next < count) await once(next++)
    }
    await Promise.all(Array.from({ length: callers }, caller))
  }
})
