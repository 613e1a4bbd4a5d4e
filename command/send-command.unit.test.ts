import { describe, expect, test } from 'bun:test'
import { commandAppWith, ticketSecret } from '../tests/support/command-app.ts'
import { reservationBody } from '../tests/support/bodies.ts'
import type { Receipt } from '../shared/contracts/receipts.ts'
import { Transient } from '../shared/kernel/fates.ts'
import { isUuid } from '../shared/kernel/ids.ts'
import { openTicket } from '../shared/receipts/ticket.ts'

const id = '0197a000-0000-7000-8000-00000000000f'
const completed = (commandId: string): Receipt & { owner: null } => ({
  command_id: commandId,
  type: 'aeroalpes.reservations.ApproveReservation.v1',
  status: 'completed',
  id,
  version: 2,
  submitted_at: '2026-01-02T03:04:05.000Z',
  finished_at: '2026-01-02T03:04:06.000Z',
  attempts: 1,
  events: [],
  problem: null,
  owner: null,
})
interface Body {
  readonly command_id: string
  readonly id: string
  readonly status_url: string
}

describe('a command that the broker has stored', () => {
  test('is answered 202 with everything needed to follow it', async () => {
    const { post, published } = commandAppWith()
    const answer = await post('/reservations', reservationBody)
    expect(answer.status).toBe(202)
    expect(answer.headers.get('retry-after')).toBe('1')
    const location = answer.headers.get('location') ?? ''
    const body = (await answer.json()) as Body
    expect<object>(body).toEqual({
      command_id: body.command_id,
      status: 'accepted',
      id: body.id,
      href: `http://query.example/reservations/${body.id}`,
      status_url: `http://command.example${location}`,
    })
    expect(isUuid(body.command_id) && isUuid(body.id)).toBe(true)
    const ticket = new URL(body.status_url).searchParams.get('ticket') ?? ''
    expect(openTicket(ticketSecret, ticket, body.command_id)).toMatchObject({
      type: 'aeroalpes.reservations.CreateReservation.v1',
      target_id: body.id,
      owner: null,
    })
    expect(published[0]?.envelope).toMatchObject({
      id: body.command_id,
      subject: body.id,
      data: { ...reservationBody, reservation_id: body.id },
    })
  })

  test('is found at its Location at once, though no worker has seen it', async () => {
    const { app, post } = commandAppWith()
    const { status_url, command_id } = (await (
      await post('/reservations', reservationBody)
    ).json()) as Body
    const { pathname, search } = new URL(status_url)
    const receipt = await app.request(`${pathname}${search}`)
    expect(receipt.status).toBe(200)
    expect(await receipt.json()).toMatchObject({ command_id, status: 'accepted' })
    expect((await app.request(pathname)).status).toBe(404)
    expect((await app.request(`${pathname}${search.slice(0, -3)}abc`)).status).toBe(404)
  })

  test('carries on the trace of its request', async () => {
    const { post, published } = commandAppWith()
    const trace = '0af7651916cd43dd8448eb211c80319c'
    await post('/reservations', reservationBody, {
      traceparent: `00-${trace}-b7ad6b7169203331-01`,
    })
    expect(published[0]?.envelope.traceparent).toStartWith(`00-${trace}-`)
  })
})

test('nothing is answered before the broker has stored the command', async () => {
  const under = commandAppWith()
  const order: string[] = []
  let store = () => {}
  under.beforeStored = () => new Promise((resolve) => (store = resolve))
  const answered = under.post('/reservations', reservationBody).then(() => order.push('answered'))
  await new Promise((resolve) => setTimeout(resolve, 20))
  order.push('stored')
  store()
  await answered
  expect(order).toEqual(['stored', 'answered'])
})

describe('a broker that is away', () => {
  test('is a 503 with Retry-After, and no 202 that would be lost', async () => {
    const under = commandAppWith()
    under.beforeStored = () => {
      throw new Transient('broker-unavailable', 'away')
    }
    const answer = await under.post('/reservations', reservationBody)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({
      type: 'urn:aeroalpes:problem:broker-unavailable',
      status: 503,
      detail: expect.stringContaining('has no effect'),
    })
  })

  test('that never answers is a 503 at the deadline', async () => {
    const under = commandAppWith({ deadlineMs: 10 })
    under.beforeStored = () => new Promise(() => {})
    const answer = await under.post('/reservations', reservationBody)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('may still') })
  })
})

describe('Prefer: wait', () => {
  test('gives the receipt of a command that finishes in time', async () => {
    const under = commandAppWith()
    under.receiptOf = completed
    const answer = await under.post(`/reservations/${id}/approve`, {}, { prefer: 'wait=5' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('preference-applied')).toBe('wait=5')
    expect(await answer.json()).toMatchObject({
      status: 'completed',
      version: 2,
      href: `http://query.example/reservations/${id}`,
    })
  })

  test('gives the 202 of a command that does not', async () => {
    const { post } = commandAppWith()
    const answer = await post(`/reservations/${id}/approve`, {}, { prefer: 'wait=0' })
    expect(answer.status).toBe(202)
    expect(answer.headers.get('preference-applied')).toBe('wait=0')
  })

  test('waits 20 s at most, and says so', async () => {
    const under = commandAppWith()
    under.receiptOf = completed
    const answer = await under.post(`/reservations/${id}/approve`, {}, { prefer: 'wait=3600' })
    expect(answer.headers.get('preference-applied')).toBe('wait=20')
  })

  test('other preferences are ignored', async () => {
    const { post } = commandAppWith()
    const answer = await post(`/reservations/${id}/approve`, {}, { prefer: 'respond-async' })
    expect(answer.status).toBe(202)
    expect(answer.headers.get('preference-applied')).toBeNull()
  })
})

describe('If-Match', () => {
  const sent = async (tag: string) => {
    const { post, published } = commandAppWith()
    const answer = await post(`/reservations/${id}/approve`, {}, { 'if-match': tag })
    return { status: answer.status, version: published[0]?.envelope.expectedVersion }
  }
  test('sends the version before the dot along, in the weak form too', async () => {
    expect(await sent('"3.1"')).toEqual({ status: 202, version: 3 })
    expect(await sent('W/"12"')).toEqual({ status: 202, version: 12 })
  })

  test('of * asks for no version', async () => {
    expect(await sent('*')).toEqual({ status: 202, version: undefined })
  })

  test('with several tags, or what is no version, is 400 and nothing is sent', async () => {
    for (const tag of ['"1", "2"', '3', '"abc"', '"-1"'])
      expect(await sent(tag)).toEqual({ status: 400, version: undefined })
  })

  test('on a thing that is yet to be made is 400', async () => {
    const { post, published } = commandAppWith()
    const answer = await post('/reservations', reservationBody, { 'if-match': '"1"' })
    expect(answer.status).toBe(400)
    expect(published).toHaveLength(0)
  })
})

describe('Idempotency-Key', () => {
  const key = { 'idempotency-key': '"k1"' }

  test('makes every repeat speak of the same command, published again under the same ids', async () => {
    const { post, published } = commandAppWith()
    const first = await post('/reservations', reservationBody, key)
    const again = await post('/reservations', reservationBody, { 'idempotency-key': 'k1' })
    expect(await again.json()).toEqual(await first.json())
    const [one, other] = published
    expect(published).toHaveLength(2)
    expect(other?.envelope.id).toBe(one!.envelope.id)
    expect(other?.envelope.time).toBe(one!.envelope.time)
    expect(other?.envelope.data).toEqual(one!.envelope.data)
    expect(one?.envelope.fingerprint).toBeString()
  })

  test('does not mind the order of fields, or ids in upper case', async () => {
    const { post } = commandAppWith()
    const [one, other] = [
      { client_id: id, itineraries: reservationBody.itineraries },
      { itineraries: reservationBody.itineraries, client_id: id.toUpperCase() },
    ]
    const first = (await (await post('/reservations', one, key)).json()) as Body
    const again = (await (await post('/reservations', other, key)).json()) as Body
    expect(again.command_id).toBe(first.command_id)
  })

  test('for another body, path or version is 422, and nothing is sent', async () => {
    const { post, published } = commandAppWith()
    await post(`/reservations/${id}/pay`, { payment_method: 'card' }, key)
    const others = [
      post(`/reservations/${id}/pay`, { payment_method: 'cash' }, key),
      post(`/reservations/${id}/cancel`, {}, key),
      post(`/reservations/${id}/pay`, { payment_method: 'card' }, { ...key, 'if-match': '"1"' }),
    ]
    for (const answer of await Promise.all(others)) expect(answer.status).toBe(422)
    expect(published).toHaveLength(1)
  })

  test('completes a request that died between its claim and its publishing', async () => {
    const under = commandAppWith()
    under.beforeStored = () => {
      throw new Transient('broker-unavailable', 'away')
    }
    expect((await under.post('/reservations', reservationBody, key)).status).toBe(503)
    under.beforeStored = () => {}
    const [first, again] = [
      (await (await under.post('/reservations', reservationBody, key)).json()) as Body,
      (await (await under.post('/reservations', reservationBody, key)).json()) as Body,
    ]
    expect(again.command_id).toBe(first.command_id)
  })

  test('needs the database: away, keyed requests are 503 and others go on', async () => {
    const away = new Transient('database-unavailable', 'away')
    const under = commandAppWith({
      claims: { claim: () => Promise.reject(away), purge: async () => 0 },
    })
    expect((await under.post('/reservations', reservationBody, key)).status).toBe(503)
    expect(under.published).toHaveLength(0)
    expect((await under.post('/reservations', reservationBody)).status).toBe(202)
  })
})
