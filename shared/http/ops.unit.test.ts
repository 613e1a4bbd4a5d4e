import { expect, test } from 'bun:test'
import type { Check } from '../runtime/role.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { opsApp } from './ops.ts'

const ops = (checks: () => Promise<readonly Check[]>, draining = false) =>
  opsApp({ checks, draining: () => draining, metrics: createMetrics({ process: false }) })
const fine = { name: 'database', ok: true }
const broken = { name: 'broker', ok: false, detail: 'away' }

test('a process with every check fine is ready', async () => {
  const answer = await ops(async () => [fine]).request('/readyz')
  expect(answer.status).toBe(200)
})

test('a process with a failed check is not ready, but live, and says which', async () => {
  const app = ops(async () => [fine, broken])
  const answer = await app.request('/readyz')
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({ status: 'not ready', failed: ['broker'] })
  expect((await app.request('/livez')).status).toBe(200)
})

test('a draining process is not ready, however fine its checks', async () => {
  const answer = await ops(async () => [fine], true).request('/readyz')
  expect(answer.status).toBe(503)
})

test('checks that throw or never answer make a process not ready', async () => {
  const throwing = ops(() => Promise.reject(new Error('secret')))
  const answer = await throwing.request('/readyz?verbose')
  expect(answer.status).toBe(503)
  expect(await answer.text()).not.toContain('secret')
  const hanging = opsApp({
    checks: () => new Promise(() => undefined),
    patienceMs: 1,
    draining: () => false,
    metrics: createMetrics({ process: false }),
  })
  expect((await hanging.request('/readyz')).status).toBe(503)
})

test('verbose gives one JSON line a check', async () => {
  const answer = await ops(async () => [fine, broken]).request('/readyz?verbose')
  const lines = (await answer.text()).trim().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual([fine, broken])
})

test('metrics are Prometheus text', async () => {
  const answer = await ops(async () => []).request('/metrics')
  expect(answer.headers.get('content-type')).toContain('text/plain')
  expect(await answer.text()).toContain('# TYPE http_server_request_duration_seconds histogram')
})
