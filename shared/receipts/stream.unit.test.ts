import { afterAll, describe, expect, test } from 'bun:test'
import { closeWatchers, locationOf, receiptEdge } from '../../tests/support/receipt-edge.ts'
import { aReceipt, completed } from '../../tests/support/receipts.ts'
import { until } from '../../tests/support/until.ts'
import { serve } from '../runtime/serve.ts'
import type { OutcomeWatcher } from './outcomes.ts'

afterAll(closeWatchers)

describe('an event stream', () => {
  const stream = { accept: 'text/event-stream' }
  const events = (text: string) =>
    text
      .split('\n\n')
      .filter((block) => block.includes('data:'))
      .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2))))

  test('tells each status once, with an id, and ends after the final one', async () => {
    const receipt = aReceipt()
    const { app, broker } = receiptEdge([receipt])
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
    const { app, table, broker } = receiptEdge([receipt], { heartbeatMs: 5 })
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
    const { app, table, broker } = receiptEdge([receipt])
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
    const { app, watcher } = receiptEdge([receipt])
    const answer = await app.request(locationOf(receipt), { headers: stream })
    await watcher.close()
    expect(events(await answer.text()).map(({ id }) => id)).toEqual(['accepted'])
  })
  test('waits for nothing any more once its reader has hung up', async () => {
    const receipt = aReceipt()
    const { watcher } = receiptEdge()
    let waits = 0
    const counted: OutcomeWatcher = {
      get closed() {
        return watcher.closed
      },
      wouldKnow: () => true,
      current: async () => receipt,
      close: () => watcher.close(),
      async waitFor(...wait) {
        waits += 1
        const found = await watcher.waitFor(...wait)
        waits -= 1
        return found
      },
    }
    const { app } = receiptEdge([], { watcher: counted })
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
