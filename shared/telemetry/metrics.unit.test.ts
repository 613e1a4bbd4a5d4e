import { expect, test } from 'bun:test'
import { register } from 'prom-client'
import { createMetrics } from './metrics.ts'

test('two sets of metrics count apart, and the global registry stays empty', async () => {
  const [one, other] = [createMetrics({ process: false }), createMetrics({ process: false })]
  one.httpInFlight.inc({ app: 'a' })
  expect(await one.registry.metrics()).toContain('http_server_active_requests{app="a"} 1')
  expect(await other.registry.metrics()).not.toContain('app="a"')
  expect(register.getMetricsAsArray()).toEqual([])
})

test('a process tells its memory and CPU time', async () => {
  const text = await createMetrics().registry.metrics()
  expect(text).toContain('process_resident_memory_bytes')
  expect(text).toContain('process_cpu_seconds_total')
})
