import { afterAll, describe, expect, test } from 'bun:test'
import { aReceipt, completed, scriptedBroker } from '../../tests/support/receipts.ts'
import { until } from '../../tests/support/until.ts'
import type { Caller } from '../http/edge-env.ts'
import { edgeApp } from '../http/edge.ts'
import { mountRoutes } from '../http/route.ts'
import { serve } from '../runtime/serve.ts'
import { createLogger } from '../telemetry/logger.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { outcomeWatcher, type OutcomeWatcher } from './outcomes.ts'
import type { StoredReceipt } from './read-receipt.ts'
import { receiptRoutes, type ReceiptRouteOptions } from './routes.ts'
import { signTicket } from './ticket.ts'

const secret = 'a secret of thirty-two characters'
const logger = createLogger({ level: 'silent', name: 'test' })
const opened: OutcomeWatcher[] = []
afterAll(async () => {
  await Promise.all(opened.map((watcher) => watcher.close()))
})

const edge = (
  rows: readonly StoredReceipt[] = [],
  options: Partial<ReceiptRouteOptions> & { readonly caller?: Caller } = {},
) => {
  const table = new Map(rows.map((row) => [row.command_id, row]))
  const broker = scriptedBroker()
  const watcher = outcomeWatcher({ broker, logger, read: async (id) => table.get(id) })
  opened.push(watcher)
  const app = edgeApp({ name: 'test', logger, metrics: createMetrics({ process: false }) })
  app.use(async (c, next) => {
    if (options.caller) c.set('caller', options.caller)
    await next()
  })
  mountRoutes(
    app,
    receiptRoutes({ watcher, secret, auth: 'off', queryUrl: 'http://q:8001', ...options }),
  )
  return { app, table, broker, watcher }
}

const ticketOf = (receipt: StoredReceipt) =>
  signTicket(secret, { ...receipt, target_id: receipt.id })
const locationOf = (receipt: StoredReceipt) =>
  `/commands/${receipt.command_id}?ticket=${ticketOf(receipt)}`
const days = (count: number) => new Date(Date.now() - count * 86_400_000).toISOString()

describe('a receipt', () => {
  test('of a command that a worker has seen is its row, without its owner', async () => {
    const row = completed(aReceipt({ owner: 'ana', events: [{ id: 'e', type: 't' }] }))
    const answer = await edge([row]).app.request(`/commands/${row.command_id}`)
    const { owner: _owner, ...shown } = row
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({ ...shown, href: `http://q:8001/reservations/${row.id}` })
  })
  test('of a command that no worker has seen is accepted, by its ticket alone', async () => {
    const receipt = aReceipt({ attempts: 0 })
    const answer = await edge().app.request(locationOf(receipt))
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
      expect((await edge().app.request(path + query)).status).toBe(404)
  })
  test('is the row also with a forged ticket', async () => {
    const row = completed(aReceipt())
    const answer = await edge([row]).app.request(`/commands/${row.command_id}?ticket=forged`)
    expect(await answer.json()).toMatchObject({ status: 'completed' })
  })
  test('is 410 after thirty days, by its ticket or its row', async () => {
    const old = aReceipt({ submitted_at: days(31) })
    expect((await edge().app.request(locationOf(old))).status).toBe(410)
    expect((await edge([old]).app.request(`/commands/${old.command_id}`)).status).toBe(410)
    const young = aReceipt({ submitted_at: days(29) })
    expect((await edge().app.request(locationOf(young))).status).toBe(200)
  })
  test('that was rejected says why, as problem details', async () => {
    const why = { type: 'urn:aeroalpes:problem:no-seats', title: 'No seats', detail: 'none left' }
    const row = completed(aReceipt({ problem: why }))
    const answer = await edge([{ ...row, status: 'rejected' }]).app.request(
      `/commands/${row.command_id}`,
    )
    expect(await answer.json()).toMatchObject({ status: 'rejected', problem: why })
  })
  test('is 503, not a wrong answer, when its row cannot be read', async () => {
    const away = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    const { watcher } = edge()
    const current = () => Promise.reject(away)
    const failing = edge([], { watcher: { ...watcher, closed: false, current } })
    expect((await failing.app.request(locationOf(aReceipt()))).status).toBe(503)
  })
})

describe('with tokens, a receipt', () => {
  const ana = { subject: 'ana', agent: false }
  const row = completed(aReceipt({ owner: 'ana' }))
  const statusFor = async (receipt: StoredReceipt, caller?: Caller, rows = [row]) => {
    const { app } = edge(rows, { auth: 'jwt', ...(caller ? { caller } : {}) })
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
    const { app } = edge([], { auth: 'jwt' })
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
      const { app, broker, table } = edge([receipt])
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
    const answer = await edge().app.request(`${locationOf(aReceipt())}&wait=0`)
    expect(await answer.json()).toMatchObject({ status: 'accepted' })
  })
  test('of a negative time is refused', async () => {
    const { app } = edge()
    expect((await app.request(`${locationOf(aReceipt())}&wait=-1`)).status).toBe(400)
  })
})

describe('an event stream', () => {
  const stream = { accept: 'text/event-stream' }
  const events = (text: string) =>
    text
      .split('\n\n')
      .filter((block) => block.includes('data:'))
      .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2))))

  test('tells each status once, with an id, and ends after the final one', async () => {
    const receipt = aReceipt()
    const { app, broker } = edge([receipt])
    await broker.heard
    const answer = await app.request(locationOf(receipt), { headers: stream })
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    const text = answer.text()
    broker.tell(completed(receipt))
    const seen = events(await text)
    expect(seen.map(({ id }) => id)).toEqual(['accepted', 'completed'])
    expect(JSON.parse(seen[1]?.['data'] ?? '')).toMatchObject({
      command_id: receipt.command_id,
      status: 'completed',
      href: `http://q:8001/reservations/${receipt.id}`,
    })
  })
  test('sends heartbeats while nothing happens, and tells what the row says meanwhile', async () => {
    const receipt = aReceipt()
    const { app, table, broker } = edge([receipt], { heartbeatMs: 5 })
    const answer = await app.request(locationOf(receipt), { headers: stream })
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const readUntil = async (part: string) => {
      while (!text.includes(part)) {
        const { done, value } = await reader.read()
        if (done) throw new Error(`the stream ended before ${part}`)
        text += value
      }
    }
    await readUntil(': heartbeat')
    const type = 'urn:aeroalpes:problem:waiting-behind'
    table.set(receipt.command_id, { ...receipt, problem: { type, title: 't', detail: 'd' } })
    await readUntil('id: accepted.waiting-behind')
    table.set(receipt.command_id, completed(receipt))
    await readUntil('id: completed')
    expect((await reader.read()).done).toBe(true)
    expect(events(text)).toHaveLength(3)
    expect(broker.open).toBe(1)
  })
  test('goes on after Last-Event-ID, and answers 204 when that was the end', async () => {
    const receipt = aReceipt()
    const { app, table, broker } = edge([receipt])
    await broker.heard
    const again = { ...stream, 'last-event-id': 'accepted' }
    const answer = await app.request(locationOf(receipt), { headers: again })
    broker.tell(completed(receipt))
    expect(events(await answer.text()).map(({ id }) => id)).toEqual(['completed'])
    table.set(receipt.command_id, completed(receipt))
    const after = { ...stream, 'last-event-id': 'completed' }
    expect((await app.request(locationOf(receipt), { headers: after })).status).toBe(204)
  })
  test('ends when the process drains', async () => {
    const receipt = aReceipt()
    const { app, watcher } = edge([receipt])
    const answer = await app.request(locationOf(receipt), { headers: stream })
    await watcher.close()
    expect(events(await answer.text()).map(({ id }) => id)).toEqual(['accepted'])
  })
  test('waits for nothing any more once its reader has hung up', async () => {
    const receipt = aReceipt()
    const { watcher } = edge()
    let waits = 0
    const counted: OutcomeWatcher = {
      get closed() {
        return watcher.closed
      },
      current: async () => receipt,
      close: () => watcher.close(),
      async waitFor(...wait) {
        waits += 1
        const found = await watcher.waitFor(...wait)
        waits -= 1
        return found
      },
    }
    const { app } = edge([], { watcher: counted })
    const server = serve({ fetch: app.fetch, host: '127.0.0.1', port: 0 })
    const hangUp = new AbortController()
    const init = { headers: stream, signal: hangUp.signal }
    try {
      await fetch(server.url + locationOf(receipt), init)
      await until(() => waits === 1)
      hangUp.abort()
      await until(() => waits === 0, 3000)
    } finally {
      await watcher.close()
      await server.stop()
    }
  })
})
