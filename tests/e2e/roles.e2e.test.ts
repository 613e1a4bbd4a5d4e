import { describe, expect, test } from 'bun:test'
import type { Receipt } from '../../shared/contracts/receipts.ts'
import { reservationBody } from '../support/bodies.ts'
import { type Accepted, accepted, finished, json, send } from '../support/client.ts'
import { eventually, type RunningProcess, start, temporaryHome } from '../support/system.ts'
import { onEachBroker } from '../support/on-each-broker.ts'

onEachBroker((broker) => {
  const home = temporaryHome()
  // Together they have a database on every broker; alone, command-api needs none on Pulsar.
  const apiRoles = ['command-api', 'query-api']
  const secrets = {
    TICKET_SECRET: 'a ticket secret for these tests alone',
    CREDENTIAL_KEY: Buffer.alloc(32, 7).toString('base64url'),
    JWT_SECRET: 'a token secret for these tests alone',
  }
  const running: RunningProcess[] = []
  const run = async (
    roles: readonly string[],
    until: readonly ('commandUrl' | 'queryUrl' | 'opsUrl')[],
    env: Readonly<Record<string, string>> = {},
  ) => {
    const started = await start(['run', ...roles], {
      home: home.folder,
      env: { ...secrets, ...broker.environment(), ...env },
      until,
    })
    running.push(started)
    return started
  }

  broker.after(async () => {
    await Promise.all(running.map((process) => process.stop()))
    home.remove()
  })

  describe('roles as processes of their own', () => {
    let apis: RunningProcess
    let waiting: Accepted

    broker.before(async () => {
      apis = await run(apiRoles, ['commandUrl', 'queryUrl'])
    })

    test('a command is accepted and waits while nobody works', async () => {
      waiting = await accepted(`${apis.commandUrl}/reservations`, reservationBody)
      const receipt = await json<Receipt>(`${waiting.status_url}&wait=1`)
      expect(receipt).toMatchObject({ command_id: waiting.command_id, status: 'accepted' })
    })

    test('it completes once the workers are there, although the process that took it was killed', async () => {
      await apis.kill()
      await run(['command-worker'], ['opsUrl'], { DEMO_DATA: 'on' })
      await run(['relay', 'projector'], ['opsUrl'])
      apis = await run(apiRoles, ['commandUrl', 'queryUrl'])
      const { pathname, search } = new URL(waiting.status_url)
      const receipt = await eventually('the command completes', async () => {
        const read = await json<Receipt>(`${apis.commandUrl}${pathname}${search}&wait=5`)
        return read.status === 'completed' && read
      })
      expect(receipt.id).toBe(waiting.id)
      const read = await json<object>(`${apis.queryUrl}/reservations/${waiting.id}?min_version=1`)
      expect(read).toMatchObject({ id: waiting.id, status: 'PENDING' })
    }, 30_000)

    test('a worker that is told to has made the demo data', async () => {
      await eventually('the demo products can be ordered', async () => {
        const { items } = await json<{ items: { sku: string }[] }>(`${apis.queryUrl}/products`)
        return ['prod-1', 'prod-2'].every((sku) => items.some((item) => item.sku === sku))
      })
    })
  })

  describe('two API processes', () => {
    let first: RunningProcess
    let second: RunningProcess

    broker.before(async () => {
      ;[first, second] = await Promise.all([
        run(apiRoles, ['commandUrl']),
        run(apiRoles, ['commandUrl', 'queryUrl']),
      ])
    })

    test('the Location of a 202 is known to both at once, and to the query side', async () => {
      for (let round = 0; round < 20; round++) {
        const answer = await send(`${first.commandUrl}/reservations`, reservationBody)
        const location = answer.headers.get('location')!
        const statuses = await Promise.all(
          [first.commandUrl, second.commandUrl, second.queryUrl].map(
            async (url) => (await fetch(`${url}${location}`)).status,
          ),
        )
        expect(statuses).toEqual([200, 200, 200])
      }
    })

    test('a forged ticket is not found', async () => {
      const { status_url } = await accepted(`${first.commandUrl}/reservations`, reservationBody)
      const url = new URL(status_url)
      url.pathname = `/commands/${crypto.randomUUID()}`
      url.host = new URL(second.commandUrl).host
      expect((await fetch(url)).status).toBe(404)
      url.searchParams.set('ticket', `${url.searchParams.get('ticket')}x`)
      expect((await fetch(url)).status).toBe(404)
    })

    test('the same keyed request at the same instant through both makes one command', async () => {
      for (let round = 0; round < 20; round++) {
        const headers = { 'idempotency-key': `"${crypto.randomUUID()}"` }
        const answers = await Promise.all(
          [first, second, first, second].map(({ commandUrl }) =>
            accepted(`${commandUrl}/reservations`, reservationBody, headers),
          ),
        )
        expect(new Set(answers.map(({ command_id }) => command_id)).size).toBe(1)
        expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
        expect((await finished(answers[0]!)).status).toBe('completed')
      }
    }, 30_000)

    test('a key with another body is refused by either, also after a restart', async () => {
      const headers = { 'idempotency-key': '"one-key-two-bodies"' }
      await accepted(`${first.commandUrl}/reservations`, reservationBody, headers)
      const other = { ...reservationBody, client_id: 'somebody else' }
      expect((await send(`${second.commandUrl}/reservations`, other, headers)).status).toBe(422)
      await second.kill()
      const restarted = await run(apiRoles, ['commandUrl'])
      expect((await send(`${restarted.commandUrl}/reservations`, other, headers)).status).toBe(422)
      expect(
        (await send(`${restarted.commandUrl}/reservations`, reservationBody, headers)).status,
      ).toBe(202)
    }, 30_000)
  })

  describe('a row that somebody outside holds', () => {
    test('makes its command wait, not fail, and delays nobody else', async () => {
      const api = await run(apiRoles, ['commandUrl'])
      const { id } = await accepted(`${api.commandUrl}/reservations`, reservationBody).then(
        finished,
      )
      const database = await home.database()
      const { held, others } = await database.sql.begin(async (sql) => {
        await sql`SELECT 1 FROM write.reservations WHERE id = ${id} FOR UPDATE`
        const approval = await accepted(`${api.commandUrl}/reservations/${id}/approve`, {})
        const free = await Promise.all(
          Array.from({ length: 20 }, () =>
            accepted(`${api.commandUrl}/reservations`, reservationBody),
          ),
        )
        const done = await Promise.all(free.map(finished))
        const waiting = await json<Receipt>(`${approval.status_url}&wait=3`)
        expect(waiting.status).toBe('accepted')
        return { held: approval, others: done }
      })
      expect(others.every(({ status }) => status === 'completed')).toBe(true)
      expect((await finished(held)).status).toBe('completed')
      await database.close()
    }, 30_000)
  })
})
