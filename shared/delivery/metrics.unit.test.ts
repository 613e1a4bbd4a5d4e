import { expect, test } from 'bun:test'
import { Registry } from 'prom-client'
import { deliveryMetrics } from './metrics.ts'

test('what the roles of a process did can be read by Prometheus, in seconds', async () => {
  const registry = new Registry()
  const metrics = deliveryMetrics(registry)
  metrics.batch('worker', 60, 3000, 10)
  deliveryMetrics(registry).batch('worker', 40, 1500, 10)
  metrics.duplicates('worker', 3)
  metrics.parked('worker', 'failed')
  metrics.retried('worker', 'contention')
  metrics.relayed(7)
  metrics.outboxDepth(5)
  const text = await registry.metrics()
  for (const line of [
    'aero_delivery_messages_total{subscription="worker"} 100',
    'aero_delivery_lag_seconds{subscription="worker"} 1.5',
    'aero_delivery_batch_seconds_sum{subscription="worker"} 0.02',
    'aero_delivery_duplicates_total{subscription="worker"} 3',
    'aero_delivery_parked_total{subscription="worker",state="failed"} 1',
    'aero_delivery_retried_total{subscription="worker",failure="contention"} 1',
    'aero_delivery_relayed_total 7',
    'aero_delivery_outbox_rows 5',
  ])
    expect(text.split('\n')).toContain(line)
})
