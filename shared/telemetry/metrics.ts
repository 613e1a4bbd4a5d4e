import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { statementsSent } from '../postgres/statements.ts'

/** Seconds, from half a millisecond to the longest wait a request may ask for. */
const latencyBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20,
]

/**
 * The metrics of one process, in a registry of their own (never prom-client's global one), named after
 * the OpenTelemetry semantic conventions for HTTP. Others register theirs in `registry`.
 */
export interface Metrics {
  readonly registry: Registry
  readonly httpRequests: Histogram<'app' | 'method' | 'route' | 'status'>
  readonly httpInFlight: Gauge<'app'>
}

export interface MetricsOptions {
  /** Memory, CPU, event loop. Default true; a test needs none of it. */
  readonly process?: boolean
}

/** Fresh metrics, all at zero. */
export const createMetrics = (options: MetricsOptions = {}): Metrics => {
  const registry = new Registry()
  if (options.process ?? true) processMetrics(registry)
  return { registry, ...httpMetrics([registry]) }
}

const processMetrics = (registry: Registry) => {
  collectDefaultMetrics({ register: registry })
  const statements = new Counter({
    name: 'aero_sql_statements_total',
    help: 'Statements sent to databases, BEGIN and COMMIT included.',
    registers: [],
    collect() {
      this.reset()
      this.inc(statementsSent())
    },
  })
  registry.registerMetric(statements)
}

const httpMetrics = (registers: Registry[]) => ({
  httpRequests: new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time to answer, by application, method, route and status.',
    labelNames: ['app', 'method', 'route', 'status'] as const,
    buckets: latencyBuckets,
    registers,
  }),
  httpInFlight: new Gauge({
    name: 'http_server_active_requests',
    help: 'Requests that wait for their answer.',
    labelNames: ['app'] as const,
    registers,
  }),
})
