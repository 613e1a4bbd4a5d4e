import { describe, expect, test } from 'bun:test'
import type { Receipt } from '../../shared/contracts/receipts.ts'
import { reservationBody, userBody } from '../support/bodies.ts'
import { accepted, finished, json, send } from '../support/client.ts'
import { onPulsar } from '../support/on-each-broker.ts'
import { eventually, type RunningProcess, start, temporaryHome } from '../support/system.ts'

onPulsar((broker) => {
  // Two machines that share nothing but Pulsar and the secrets.
  const [house, edgeHome] = [temporaryHome(), temporaryHome()]
  const secrets = {
    TICKET_SECRET: 'a ticket secret for these tests alone',
    CREDENTIAL_KEY: Buffer.alloc(32, 7).toString('base64url'),
    JWT_SECRET: 'a token secret for these tests alone',
  }
  let system: RunningProcess
  let edge: RunningProcess

  const startEdge = (env: Readonly<Record<string, string>> = {}) =>
    start(['run', 'command-api'], {
      home: edgeHome.folder,
      env: { ...secrets, ...broker.environment(), TOPOLOGY: 'check', ...env },
      until: ['commandUrl'],
    })

  broker.before(async () => {
    system = await start(['up'], {
      home: house.folder,
      env: { ...secrets, ...broker.environment() },
      until: ['commandUrl', 'queryUrl'],
    })
    edge = await startEdge({ QUERY_URL: system.queryUrl, COMMAND_URL: system.commandUrl })
  })
  broker.after(async () => {
    await Promise.all([edge.stop(), system.stop()])
    for (const home of [house, edgeHome]) home.remove()
  })

  const own = ({ status_url }: { status_url: string }, at = edge) => {
    const { pathname, search } = new URL(status_url)
    return `${at.commandUrl}${pathname}${search}`
  }

  describe('a command-api without a database', () => {
    test('takes a command, waits for it by the outcomes alone, and starts no Postgres', async () => {
      const answer = await send(`${edge.commandUrl}/reservations`, reservationBody, {
        prefer: 'wait=10',
      })
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({ status: 'completed', version: 1 })
      expect(await Bun.file(`${edgeHome.folder}/postgres/PG_VERSION`).exists()).toBe(false)
    })

    test('tells what became of a command that was sent to another API', async () => {
      const sent = await accepted(`${system.commandUrl}/reservations`, reservationBody)
      await finished(sent)
      const receipt = await eventually('the outcome was heard', async () => {
        const read = await json<Receipt>(own(sent))
        return read.status === 'completed' && read
      })
      expect(receipt.id).toBe(sent.id)
    })

    test('registers a user whose password it hashed, and sends who logs in on to where the users are', async () => {
      const body = userBody(`edge.${crypto.randomUUID()}@example.org`)
      const registered = await send(`${edge.commandUrl}/users`, body, { prefer: 'wait=10' })
      expect(await registered.json()).toMatchObject({ status: 'completed' })
      const { email, password } = body
      const session = await send(`${edge.commandUrl}/sessions`, { email, password })
      expect(session.url).toBe(`${system.commandUrl}/sessions`)
      expect(await session.json()).toMatchObject({ token_type: 'Bearer' })
    })

    test('makes one command of a key, together with an API that has a database', async () => {
      const headers = { 'idempotency-key': `"${crypto.randomUUID()}"` }
      const both = [edge, system, edge].map(({ commandUrl }) =>
        accepted(`${commandUrl}/reservations`, reservationBody, headers),
      )
      const answers = await Promise.all(both)
      expect(new Set(answers.map(({ command_id }) => command_id)).size).toBe(1)
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
      const [first] = answers
      const { status, version } = await finished({ ...first!, status_url: own(first!) })
      expect({ status, version }).toEqual({ status: 'completed', version: 1 })
      const read = await fetch(`${system.queryUrl}/reservations/${first!.id}?min_version=1`)
      expect(await read.json()).toMatchObject({ id: first!.id, version: 1 })
    })

    test('carries out the first of two bodies under one key that reached two machines', async () => {
      const second = await startEdge({ QUERY_URL: system.queryUrl })
      const headers = { 'idempotency-key': `"${crypto.randomUUID()}"` }
      const first = await accepted(`${edge.commandUrl}/reservations`, reservationBody, headers)
      await finished({ ...first, status_url: own(first) })
      const other = { ...reservationBody, client_id: 'somebody else' }
      const late = await accepted(`${second.commandUrl}/reservations`, other, headers)
      expect(late.id).toBe(first.id)
      const behind = await accepted(`${second.commandUrl}/reservations/${late.id}/approve`, {})
      expect(await finished({ ...behind, status_url: own(behind, second) })).toMatchObject({
        status: 'completed',
        version: 2,
      })
      const read = await json<object>(`${system.queryUrl}/reservations/${first.id}?min_version=2`)
      expect(read).toMatchObject({ client_id: null, status: 'APPROVED' })
      await second.stop()
    })

    test('sends on to the query side who asks for what finished before it was started', async () => {
      const sent = await accepted(`${edge.commandUrl}/reservations`, reservationBody)
      await finished({ ...sent, status_url: own(sent) })
      const young = await startEdge({ QUERY_URL: system.queryUrl })
      const answer = await fetch(own(sent, young), { redirect: 'manual' })
      expect(answer.status).toBe(307)
      const { pathname, search } = new URL(sent.status_url)
      expect(answer.headers.get('location')).toBe(`${system.queryUrl}${pathname}${search}`)
      expect(await json<Receipt>(own(sent, young))).toMatchObject({ status: 'completed' })
      expect(await young.stop()).toBe(0)
    })
  })
})
