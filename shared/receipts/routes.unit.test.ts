import { afterAll, describe, expect, test } from 'bun:test'
import {
  closeWatchers,
  locationOf,
  receiptEdge,
  ticketOf,
} from '../../tests/support/receipt-edge.ts'
import { aReceipt, completed } from '../../tests/support/receipts.ts'
import type { Caller } from '../http/edge-env.ts'
import type { StoredReceipt } from './read-receipt.ts'
import { signTicket } from './ticket.ts'

afterAll(closeWatchers)
const days = (count: number) => new Date(Date.now() - count * 86_400_000).toISOString()

describe('a receipt', () => {
  test('of a command that a worker has seen is its row, without its owner', async () => {
    const row = completed(aReceipt({ owner: 'ana', events: [{ id: 'e', type: 't' }] }))
    const answer = await receiptEdge([row]).app.request(`/commands/${row.command_id}`)
    const { owner: _owner, ...shown } = row
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({ ...shown, href: `http://q:8001/reservations/${row.id}` })
  })
  test('of a command that no worker has seen is accepted, by its ticket alone', async () => {
    const receipt = aReceipt({ attempts: 0 })
    const answer = await receiptEdge().app.request(locationOf(receipt))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('retry-after')).toBe('1')
    const { owner: _owner, ...shown } = receipt
    expect(await answer.json()).toEqual({
      ...shown,
      href: `http://q:8001/reservations/${receipt.id}`,
    })
  })
  test('is 404 without a ticket, with a forged one and with that of another command', async () => {
    const receipt = aReceipt()
    const path = `/commands/${receipt.command_id}`
    const forged = signTicket('another secret', { ...receipt, target_id: receipt.id })
    for (const query of ['', '?ticket=', `?ticket=${forged}`, `?ticket=${ticketOf(aReceipt())}`])
      expect((await receiptEdge().app.request(path + query)).status).toBe(404)
  })
  test('is the row also with a forged ticket', async () => {
    const row = completed(aReceipt())
    const answer = await receiptEdge([row]).app.request(`/commands/${row.command_id}?ticket=forged`)
    expect(await answer.json()).toMatchObject({ status: 'completed' })
  })
  test('is 410 after thirty days, by its ticket or its row', async () => {
    const old = aReceipt({ submitted_at: days(31) })
    expect((await receiptEdge().app.request(locationOf(old))).status).toBe(410)
    expect((await receiptEdge([old]).app.request(`/commands/${old.command_id}`)).status).toBe(410)
    const young = aReceipt({ submitted_at: days(29) })
    expect((await receiptEdge().app.request(locationOf(young))).status).toBe(200)
  })
  test('that was rejected says why, as problem details', async () => {
    const why = { type: 'urn:aeroalpes:problem:no-seats', title: 'No seats', detail: 'none left' }
    const row = completed(aReceipt({ problem: why }))
    const answer = await receiptEdge([{ ...row, status: 'rejected' }]).app.request(
      `/commands/${row.command_id}`,
    )
    expect(await answer.json()).toMatchObject({ status: 'rejected', problem: why })
  })
  test('is 503, not a wrong answer, when its row cannot be read', async () => {
    const away = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    const { watcher } = receiptEdge()
    const current = () => Promise.reject(away)
    const failing = receiptEdge([], { watcher: { ...watcher, closed: false, current } })
    expect((await failing.app.request(locationOf(aReceipt()))).status).toBe(503)
  })
})

describe('with tokens, a receipt', () => {
  const ana = { subject: 'ana', agent: false }
  const row = completed(aReceipt({ owner: 'ana' }))
  const statusFor = async (receipt: StoredReceipt, caller?: Caller, rows = [row]) => {
    const { app } = receiptEdge(rows, { auth: 'jwt', ...(caller ? { caller } : {}) })
    return (await app.request(locationOf(receipt))).status
  }
  test('is read by its owner and by agents, and is 404 for others', async () => {
    expect(await statusFor(row, ana)).toBe(200)
    expect(await statusFor(row, { subject: 'x', agent: true })).toBe(200)
    expect(await statusFor(row, { subject: 'bob', agent: false })).toBe(404)
  })
  test('that exists only as a ticket is guarded the same', async () => {
    expect(await statusFor(row, ana, [])).toBe(200)
    expect(await statusFor(row, { subject: 'bob', agent: false }, [])).toBe(404)
  })
  test('is 401 without a token, whether or not it exists', async () => {
    expect(await statusFor(row)).toBe(401)
    const { app } = receiptEdge([], { auth: 'jwt' })
    expect((await app.request('/commands/nothing')).status).toBe(401)
  })
  test('of a command that anybody may send is read with its ticket alone', async () => {
    expect(await statusFor(aReceipt({ owner: null }))).toBe(200)
  })
})

describe('a wait', () => {
  test('by Prefer or by query ends with the finished receipt', async () => {
    for (const [query, headers] of [
      ['', { prefer: 'wait=20' }],
      ['&wait=20', {}],
    ] as const) {
      const receipt = aReceipt()
      const { app, broker, table } = receiptEdge([receipt])
      await broker.heard
      const waiting = app.request(locationOf(receipt) + query, { headers })
      table.set(receipt.command_id, completed(receipt))
      broker.tell(completed(receipt))
      const answer = await waiting
      expect(await answer.json()).toMatchObject({ status: 'completed', version: 1 })
      expect(answer.headers.get('preference-applied')).toBe(query === '' ? 'wait=20' : null)
    }
  })
  test('that is over answers what is known', async () => {
    const answer = await receiptEdge().app.request(`${locationOf(aReceipt())}&wait=0`)
    expect(await answer.json()).toMatchObject({ status: 'accepted' })
  })
  test('of a negative time is refused', async () => {
    const { app } = receiptEdge()
    expect((await app.request(`${locationOf(aReceipt())}&wait=-1`)).status).toBe(400)
  })
})
